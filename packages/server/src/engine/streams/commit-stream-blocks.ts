import type { BlockRange } from '@opcache/protocol'
import type { BlobWriter } from '../../ports/blob-store.js'
import type { StreamRecord } from '../../ports/stream-store.js'
import type { Engine } from '../engine.js'

/** Marks blocks that were written as present, and answers the stream after it; undefined where it takes no more. */
export async function commitStreamBlocks(
  engine: Engine,
  stream: StreamRecord,
  writer: BlobWriter | undefined,
  blocks: readonly BlockRange[],
): Promise<StreamRecord | undefined> {
  await writer?.sync()
  const record = await engine.streams.commit(stream, stream.blob, blocks)
  engine.arrivals.tell(stream.blob)
  return record
}

import { BLOCK_BYTES, type BlockRange } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { StreamRecord } from '../../ports/stream-store.js'
import { findContent } from '../contents/find-content.js'
import type { Engine } from '../engine.js'
import { sourceContent, streamOf } from '../entries/entry-source.js'
import { findStream } from '../streams/find-stream.js'

/** Blocks of a stream that one look asks for. */
const LOOK_BLOCKS = 64

/** The verified bytes of a source from its start, as far as they have come without a gap. */
export interface SourcePrefix {
  readonly blob: string
  readonly bytes: number
  /** What keeps the source from being forgotten. */
  readonly of: ContentRecord | StreamRecord
  /** Whether that is all of it. */
  readonly isComplete: boolean
}

/** How far an entry's source has come, if that is beyond `from`, to where it had come before. Undefined while it is unknown. */
export async function findSourcePrefix(
  engine: Engine,
  record: EntryRecord,
  from: number,
): Promise<SourcePrefix | undefined> {
  const id = await sourceContent(engine, record)
  const content = id && (await findContent(engine, { space: record.space, id }))
  if (content) return contentPrefix(engine, content)
  const ref = id === undefined ? streamOf(record) : undefined
  const stream = ref && (await findStream(engine, record.creator, ref))
  return stream && streamPrefix(engine, stream, from)
}

async function contentPrefix(engine: Engine, content: ContentRecord): Promise<SourcePrefix> {
  const { blob, size } = content
  const isComplete = content.missingBlocks === 0
  const map = isComplete ? undefined : await engine.contents.blockMap(content, blob)
  const [firstMissing] = map?.missing(1) ?? []
  const bytes = firstMissing ? firstMissing[0] * BLOCK_BYTES : size
  return { blob, of: content, bytes: isComplete || map ? bytes : 0, isComplete }
}

/** A short block can only be the last one: nothing follows it. */
async function streamPrefix(engine: Engine, stream: StreamRecord, from: number): Promise<SourcePrefix> {
  const first = Math.floor(from / BLOCK_BYTES)
  const range: BlockRange = [first, LOOK_BLOCKS]
  let bytes = first * BLOCK_BYTES
  for (const { index, length, isPresent } of await engine.streams.blocks(stream, stream.blob, range)) {
    if (!isPresent || index * BLOCK_BYTES !== bytes) break
    bytes += length
  }
  return { blob: stream.blob, of: stream, bytes: Math.max(from, bytes), isComplete: false }
}

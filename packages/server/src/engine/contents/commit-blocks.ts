import type { BlockRange } from '@opcache/protocol'
import type { BlobWriter } from '../../ports/blob-store.js'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { verifyPresent } from './verify-present.js'

/**
 * Marks blocks that were written as present, and answers the record after it; undefined where the blob is nobody's any more. A content
 * that has come into doubt since it was looked at is verified first, so that nothing is completed on a doubtful map.
 */
export async function commitBlocks(
  engine: Engine,
  content: ContentRecord,
  writer: BlobWriter,
  blocks: readonly BlockRange[],
): Promise<ContentRecord | undefined> {
  await writer.sync()
  for (;;) {
    const committed = await engine.contents.commitBlocks(content, content.blob, blocks)
    if (committed?.record.doubt === undefined) return committed?.record
    await verifyPresent(engine, committed.record)
  }
}

import { BLOCK_BYTES, type BlockRange, manifestDigest, ProtocolError } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { inBlocks } from './in-blocks.js'

/**
 * Compares the present blocks of a content in doubt with its manifest, and ends the doubt: those that are not what they
 * should be are missing from then on. Answers the record after it; undefined where the content is gone. Callers that
 * come while a verification is under way share it.
 */
export function verifyPresent(engine: Engine, record: ContentRecord): Promise<ContentRecord | undefined> {
  return engine.verifications.share(record.blob, () => verify(engine, record))
}

async function verify(engine: Engine, record: ContentRecord): Promise<ContentRecord | undefined> {
  const { contents } = engine
  const map = await contents.blockMap(record, record.blob)
  const manifest = await contents.manifest(record, record.blob)
  if (!map || !manifest || record.doubt === undefined) return contents.get(record)
  const lost: BlockRange[] = []
  for (const range of map.present()) lost.push(...(await lostBlocks(engine, record, manifest, range)))
  engine.observe({
    kind: 'content-verified',
    id: record.id,
    blocks: map.blocks - map.missingBlocks,
    lostBlocks: lost.length,
  })
  return contents.settleDoubt(record, record.blob, record.doubt, lost)
}

/** The blocks of a range that are not the ones in the manifest, or cannot be read. */
async function lostBlocks(
  engine: Engine,
  record: ContentRecord,
  manifest: Uint8Array,
  [first, count]: BlockRange,
): Promise<BlockRange[]> {
  const lost: BlockRange[] = []
  const end = first + count
  let next = first
  while (next < end) {
    const bytes = engine.blobs.read(record.blob, next * BLOCK_BYTES, Math.min(end * BLOCK_BYTES, record.size))
    try {
      for await (const block of inBlocks(bytes)) {
        if (engine.closing.aborted) throw new ProtocolError('busy', 'The server is closing.')
        const digest = engine.blake3.digest(block.bytes)
        block.release()
        if (Buffer.compare(digest, manifestDigest(manifest, next)) !== 0) lost.push([next, 1])
        next += 1
      }
    } catch (error) {
      if (engine.closing.aborted) throw error
      // What cannot be read is sent again; what comes after it may be whole.
      lost.push([next, 1])
      next += 1
    } finally {
      bytes.destroy()
    }
  }
  return lost
}

import { BLOCK_BYTES, type BlockRange, manifestDigest, ProtocolError } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { inBlocks } from './in-blocks.js'

/**
 * The blocks of a range that are not the ones in the manifest, or cannot be read. `tell` is given the bytes of those that
 * can.
 *
 * @throws ProtocolError `busy` when the server closes
 */
export async function lostBlocks(
  engine: Pick<Engine, 'blobs' | 'blake3' | 'closing'>,
  record: ContentRecord,
  manifest: Uint8Array,
  [first, count]: BlockRange,
  tell?: (index: number, bytes: Uint8Array) => Promise<void>,
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
        if (Buffer.compare(digest, manifestDigest(manifest, next)) !== 0) {
          lost.push([next, 1])
          await tell?.(next, block.bytes)
        }
        block.release()
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

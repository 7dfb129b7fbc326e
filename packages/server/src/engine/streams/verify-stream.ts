import { BLOCK_BYTES, type BlockRange, ProtocolError } from '@opcache/protocol'
import type { KnownStreamBlock, StreamRecord } from '../../ports/stream-store.js'
import { inBlocks } from '../contents/in-blocks.js'
import type { Engine } from '../engine.js'

/**
 * Compares the present blocks of a stream in doubt with their digests, and ends the doubt: those that are not what they
 * should be are missing from then on. Answers the record after it; undefined where the stream is gone. Callers that come
 * while a verification is under way share it.
 */
export function verifyStream(engine: Engine, record: StreamRecord): Promise<StreamRecord | undefined> {
  return engine.verifications.share(record.blob, () => verify(engine, record))
}

async function verify(engine: Engine, record: StreamRecord): Promise<StreamRecord | undefined> {
  const { streams } = engine
  const map = await streams.blockMap(record, record.blob)
  if (!map || record.doubt === undefined) return streams.get(record)
  const lost: BlockRange[] = []
  for (const range of map.present()) {
    for (const block of await streams.blocks(record, record.blob, range)) {
      if (block.isPresent && !(await isStored(engine, record.blob, block))) lost.push([block.index, 1])
    }
  }
  const blocks = map.blocks - map.missingBlocks
  engine.observe({ kind: 'content-verified', id: record.id, blocks, lostBlocks: lost.length })
  return streams.settleDoubt(record, record.blob, record.doubt, lost)
}

/** Whether the bytes of a block are what its digest says. `tell` is given those that are not. */
export async function isStored(
  engine: Pick<Engine, 'blobs' | 'blake3' | 'closing'>,
  blob: string,
  { index, length, digest }: KnownStreamBlock,
  tell?: (bytes: Uint8Array) => Promise<void>,
): Promise<boolean> {
  if (engine.closing.aborted) throw new ProtocolError('busy', 'The server is closing.')
  const bytes = engine.blobs.read(blob, index * BLOCK_BYTES, index * BLOCK_BYTES + length)
  try {
    for await (const block of inBlocks(bytes)) {
      const isSame = Buffer.compare(engine.blake3.digest(block.bytes), digest) === 0
      if (!isSame) await tell?.(block.bytes)
      block.release()
      return isSame
    }
    return false
  } catch (error) {
    if (engine.closing.aborted) throw error
    // What cannot be read is sent again.
    return false
  } finally {
    bytes.destroy()
  }
}

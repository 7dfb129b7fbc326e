import type { Readable } from 'node:stream'
import { BLOCK_BYTES } from '@opcache/protocol'

/** A block cut from a stream. `bytes` stays valid until the block after the next one is asked for. */
export interface CutBlock {
  /** 0 for the first block of the stream. */
  readonly index: number
  readonly bytes: Uint8Array
}

/**
 * Cuts a byte stream into blocks; the last one may be shorter, none is empty. Two buffers take turns, so that one can be
 * stored while the other fills. Leaving early leaves the stream open, to be drained or destroyed by who owns it.
 */
export async function* inBlocks(stream: Readable): AsyncGenerator<CutBlock> {
  const buffers = [Buffer.allocUnsafeSlow(BLOCK_BYTES), Buffer.allocUnsafeSlow(BLOCK_BYTES)] as const
  let index = 0
  let filled = 0
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (let offset = 0; offset < chunk.length; ) {
      const copied = chunk.copy(buffers[index & 1] as Buffer, filled, offset)
      offset += copied
      filled += copied
      if (filled === BLOCK_BYTES) {
        yield { index, bytes: buffers[index & 1] as Buffer }
        index += 1
        filled = 0
      }
    }
  }
  if (filled > 0) yield { index, bytes: (buffers[index & 1] as Buffer).subarray(0, filled) }
}

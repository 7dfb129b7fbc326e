import { BLOCK_BYTES } from '@opcache/protocol'

/** Buffers that are kept for blocks to come; what is given back beyond that is left to the collector. */
const SPARE_LIMIT = 16

const spare: Buffer[] = []

/**
 * A buffer of a block's size, with whatever bytes an earlier block left in it. Left to the collector, the buffers of
 * blocks long stored would be most of a server's memory, so give it back.
 */
export function takeBlockBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES)
}

/** Gives a buffer back once nothing reads it any more. One that is forgotten costs memory until it is collected. */
export function returnBlockBuffer(buffer: Buffer): void {
  if (spare.length < SPARE_LIMIT) spare.push(buffer)
}

import { type BlockRange, blockCount } from '@opcache/protocol'

/** A result of more blocks is fetched by several workers, and its file can be resumed. */
export const LARGE_BLOCKS = 8

/** Blocks that are asked for at once where several workers fetch. */
const PIECE_BLOCKS = 4

/** Whether a result is worth several connections. */
export function isLarge(sizeBytes: number): boolean {
  return blockCount(sizeBytes) > LARGE_BLOCKS
}

/** Cuts missing ranges, ascending, into pieces that one request asks for. */
export function planPieces(missing: readonly BlockRange[], sizeBytes: number): BlockRange[] {
  if (!isLarge(sizeBytes)) return [...missing]
  return missing.flatMap(([first, count]) =>
    Array.from({ length: Math.ceil(count / PIECE_BLOCKS) }, (_, index): BlockRange => {
      const offset = index * PIECE_BLOCKS
      return [first + offset, Math.min(PIECE_BLOCKS, count - offset)]
    }),
  )
}

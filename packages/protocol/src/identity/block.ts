/** Bytes of a block, the unit of identity, of the block map and of verification: 1 MiB. */
export const BLOCK_BYTES = 1 << 20

/** How many blocks a content of `sizeBytes` has; the empty content has none. */
export function blockCount(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES)
}

/** Bytes of block `index` of a content of `sizeBytes`: the last block is shorter, never empty. */
export function blockLength(sizeBytes: number, index: number): number {
  return Math.min(BLOCK_BYTES, sizeBytes - index * BLOCK_BYTES)
}

/** Consecutive blocks: index of the first, and how many. */
export type BlockRange = readonly [first: number, count: number]

/** Bytes of the blocks in `range` of a content of `sizeBytes`. */
export function rangeBytes(sizeBytes: number, [first, count]: BlockRange): number {
  return Math.min(count * BLOCK_BYTES, sizeBytes - first * BLOCK_BYTES)
}

/** The indices of the blocks in a range. */
export function blockIndices([first, count]: BlockRange): number[] {
  return Array.from({ length: count }, (_, offset) => first + offset)
}

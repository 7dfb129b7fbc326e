import type { BlockRange } from '@opcache/protocol'

/** Sizes that the server asks for, in blocks. */
export interface PartSizes {
  /** Blocks that are stored only together. */
  readonly unitBlocks: number
  /** Blocks of a part of the preferred size. */
  readonly partBlocks: number
}

/**
 * Cuts missing ranges into parts of whole units, none larger than `partBlocks`. All cuts lie on one grid, so that clients
 * which upload the same content send the same parts and see each other.
 */
export function planParts(
  missing: readonly BlockRange[],
  { unitBlocks, partBlocks }: PartSizes,
): BlockRange[] {
  const grid = Math.max(unitBlocks, partBlocks - (partBlocks % unitBlocks))
  const parts: BlockRange[] = []
  for (const [first, count] of missing) {
    const end = first + count
    for (let at = first; at < end; ) {
      const next = Math.min(end, at - (at % grid) + grid)
      parts.push([at, next - at])
      at = next
    }
  }
  return parts
}

/** Those blocks of `part` that a server lacks by its `missing` ranges; `isAll` tells whether it named all of them. */
export function missingOf(
  [first, count]: BlockRange,
  missing: readonly BlockRange[],
  isAll: boolean,
): BlockRange[] {
  const end = first + count
  const overlaps: BlockRange[] = []
  for (const [missingFirst, missingCount] of missing) {
    const from = Math.max(first, missingFirst)
    const to = Math.min(end, missingFirst + missingCount)
    if (from < to) overlaps.push([from, to - from])
  }
  const [lastFirst, lastCount] = missing.at(-1) ?? [0, 0]
  const unnamed = Math.max(first, lastFirst + lastCount)
  if (!isAll && unnamed < end) overlaps.push([unnamed, end - unnamed])
  return overlaps
}

/** Those blocks of `part` that are not in `missing`, which lies within it. */
export function presentOf([first, count]: BlockRange, missing: readonly BlockRange[]): BlockRange[] {
  const ranges: BlockRange[] = []
  let at = first
  for (const [missingFirst, missingCount] of [...missing, [first + count, 0] as const]) {
    if (missingFirst > at) ranges.push([at, missingFirst - at])
    at = missingFirst + missingCount
  }
  return ranges
}

import { BLOCK_BYTES } from '@opcache/protocol'

/** A part is not to take longer than this, as far as the size can help it. */
const LONGEST_PART_MS = 4_000

/** Sizes that a server allows, in blocks. */
export interface PartSizeLimits {
  readonly partBlocks: number
  readonly maxPartBlocks: number
}

/** A part that was acknowledged. */
export interface PartMeasurement {
  readonly bytes: number
  readonly durationMs: number
}

/** The size of the parts to come: twice as large while such a part would be quick, half when this one was not. */
export function nextPartBlocks(
  current: number,
  { bytes, durationMs }: PartMeasurement,
  { partBlocks, maxPartBlocks }: PartSizeLimits,
): number {
  const msPerBlock = (durationMs / bytes) * BLOCK_BYTES
  const doubled = current * 2
  if (doubled <= maxPartBlocks && doubled * msPerBlock <= LONGEST_PART_MS) return doubled
  if (current > partBlocks && current * msPerBlock > LONGEST_PART_MS) return Math.max(partBlocks, current / 2)
  return current
}

/** The blocks to take of what remains, so that towards the end every worker still finds something to do. */
export function fairShare(wantedBlocks: number, remainingBlocks: number, concurrency: number): number {
  return Math.min(wantedBlocks, Math.ceil(remainingBlocks / (2 * concurrency)))
}

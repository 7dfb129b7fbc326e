import fc from 'fast-check'
import { BLOCK_BYTES } from '../../src/index.js'

/** A content of which only the digests of its blocks are known; no two of them are equal. */
export interface DigestedContent {
  size: number
  digests: Uint8Array[]
}

/** Contents of `minBlocks` to 12 blocks, the last of any length. */
export function digestedContent(minBlocks = 0): fc.Arbitrary<DigestedContent> {
  return fc
    .tuple(
      fc.uniqueArray(fc.uint8Array({ minLength: 32, maxLength: 32 }), {
        minLength: minBlocks,
        maxLength: 12,
        selector: digest => digest.join(),
      }),
      fc.oneof(fc.integer({ min: 1, max: BLOCK_BYTES }), fc.constantFrom(1, BLOCK_BYTES - 1, BLOCK_BYTES)),
    )
    .map(([digests, last]) => ({
      size: digests.length === 0 ? 0 : (digests.length - 1) * BLOCK_BYTES + last,
      digests,
    }))
}

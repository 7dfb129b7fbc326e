import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, blockCount, blockLength, manifestBytes, rangeBytes } from '../../src/index.js'

describe('the blocks of a content', () => {
  it.each([
    [0, []],
    [1, [1]],
    [BLOCK_BYTES - 1, [BLOCK_BYTES - 1]],
    [BLOCK_BYTES, [BLOCK_BYTES]],
    [BLOCK_BYTES + 1, [BLOCK_BYTES, 1]],
    [3 * BLOCK_BYTES, [BLOCK_BYTES, BLOCK_BYTES, BLOCK_BYTES]],
  ])('of %i bytes are cut at every MiB', (size, lengths) => {
    const indices = Array.from({ length: blockCount(size) }, (_, index) => index)
    expect(indices.map(index => blockLength(size, index))).toEqual(lengths)
    expect(manifestBytes(size)).toBe(32 * lengths.length)
  })

  it('cover the largest contents exactly, the last one never empty', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), size => {
        fc.pre(size > 0)
        const last = blockCount(size) - 1
        const lastLength = blockLength(size, last)
        expect(BigInt(last) * BigInt(BLOCK_BYTES) + BigInt(lastLength)).toBe(BigInt(size))
        expect(lastLength).toBeGreaterThan(0)
        expect(lastLength).toBeLessThanOrEqual(BLOCK_BYTES)
      }),
    )
  })

  it('have as many bytes as a range as one by one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 * BLOCK_BYTES }), fc.nat(), fc.nat(), (size, a, b) => {
        const first = a % blockCount(size)
        const count = b % (blockCount(size) - first + 1)
        let bytes = 0
        for (let index = first; index < first + count; index++) bytes += blockLength(size, index)
        expect(rangeBytes(size, [first, count])).toBe(bytes)
      }),
    )
  })
})

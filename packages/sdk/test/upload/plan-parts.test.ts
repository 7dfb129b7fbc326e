import { BlockMap, type BlockRange } from '@opcache/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PartQueue } from '../../src/upload/part-queue.js'
import { missingOf, planParts, presentOf } from '../../src/upload/plan-parts.js'

const sizes = fc
  .record({ unitBlocks: fc.integer({ min: 1, max: 8 }), units: fc.integer({ min: 1, max: 8 }) })
  .map(({ unitBlocks, units }) => ({ unitBlocks, partBlocks: unitBlocks * units }))

/** Missing ranges as a server tells them: whole units, but for the end of the content. */
const plans = sizes.chain(partSizes =>
  fc
    .record({
      blocks: fc.integer({ min: 1, max: 300 }),
      stored: fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 40 }),
    })
    .map(({ blocks, stored }) => {
      const map = new BlockMap(blocks)
      for (const unit of stored) map.add([unit * partSizes.unitBlocks, partSizes.unitBlocks])
      return { partSizes, blocks, missing: map.missing() }
    }),
)

const blocksOf = (ranges: readonly BlockRange[]) =>
  ranges.flatMap(([first, count]) => Array.from({ length: count }, (_, offset) => first + offset))

test('parts are exactly what is missing, in whole units, none larger than the server prefers', () => {
  fc.assert(
    fc.property(plans, ({ partSizes, blocks, missing }) => {
      const parts = planParts(missing, partSizes)
      expect(blocksOf(parts)).toEqual(blocksOf(missing))
      for (const [first, count] of parts) {
        expect(count).toBeLessThanOrEqual(partSizes.partBlocks)
        expect(first % partSizes.unitBlocks).toBe(0)
        if (first + count < blocks) expect((first + count) % partSizes.unitBlocks).toBe(0)
        // No part crosses the grid that all clients share.
        expect(Math.floor(first / partSizes.partBlocks)).toBe(
          Math.floor((first + count - 1) / partSizes.partBlocks),
        )
      }
    }),
  )
})

test('what is missing of a part is where it overlaps with the missing ranges', () => {
  fc.assert(
    fc.property(plans, ({ partSizes, blocks, missing }) => {
      const isMissing = new Set(blocksOf(missing))
      for (const part of planParts([[0, blocks]], partSizes)) {
        const gaps = missingOf(part, missing, true)
        expect(blocksOf(gaps)).toEqual(blocksOf([part]).filter(index => isMissing.has(index)))
        expect(blocksOf(presentOf(part, gaps))).toEqual(
          blocksOf([part]).filter(index => !isMissing.has(index)),
        )
      }
    }),
  )
})

test('past a list of missing ranges that was cut off, everything may be missing', () => {
  expect(
    missingOf(
      [8, 8],
      [
        [2, 1],
        [9, 2],
      ],
      false,
    ),
  ).toEqual([
    [9, 2],
    [11, 5],
  ])
  expect(missingOf([8, 8], [[2, 1]], false)).toEqual([[8, 8]])
  expect(missingOf([8, 8], [[2, 1]], true)).toEqual([])
})

test('a queue gives every part once, from a random one on and around', () => {
  fc.assert(
    fc.property(plans, fc.double({ min: 0, max: 0.999, noNaN: true }), ({ partSizes, missing }, random) => {
      const parts = planParts(missing, partSizes)
      const queue = new PartQueue(parts, () => random)
      const taken: BlockRange[] = []
      for (let part = queue.take(undefined); part; part = queue.take(part)) taken.push(part)
      expect(taken[0]).toEqual(parts[Math.floor(random * parts.length)])
      const begin = Math.floor(random * parts.length)
      expect(taken).toEqual([...parts.slice(begin), ...parts.slice(0, begin)])
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fairShare, nextPartBlocks } from '../../src/upload/part-size.js'
import { MIB } from '../support/bytes.js'

const limits = fc
  .record({ partBlocks: fc.integer({ min: 1, max: 32 }), times: fc.integer({ min: 1, max: 16 }) })
  .map(({ partBlocks, times }) => ({ partBlocks, maxPartBlocks: partBlocks * times }))

const measured = fc.record({
  bytes: fc.integer({ min: 1, max: 64 * MIB }),
  durationMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
})

test('parts stay within what the server allows, and on the grid of its preferred size', () => {
  fc.assert(
    fc.property(limits, fc.array(measured, { maxLength: 50 }), (sizes, measurements) => {
      let blocks = sizes.partBlocks
      for (const measurement of measurements) {
        blocks = nextPartBlocks(blocks, measurement, sizes)
        expect(blocks).toBeGreaterThanOrEqual(sizes.partBlocks)
        expect(blocks).toBeLessThanOrEqual(sizes.maxPartBlocks)
        expect(blocks % sizes.partBlocks).toBe(0)
      }
    }),
  )
})

test('a part grows only while a larger one would still be quick', () => {
  fc.assert(
    fc.property(limits, measured, (sizes, measurement) => {
      const grown = nextPartBlocks(sizes.partBlocks, measurement, sizes)
      const expectedMs = (grown * MIB * measurement.durationMs) / measurement.bytes
      if (grown > sizes.partBlocks) expect(expectedMs).toBeLessThanOrEqual(4000 * (1 + 1e-9))
    }),
  )
  const sizes = { partBlocks: 8, maxPartBlocks: 64 }
  expect(nextPartBlocks(8, { bytes: 8 * MIB, durationMs: 10 }, sizes)).toBe(16)
  expect(nextPartBlocks(64, { bytes: 64 * MIB, durationMs: 10 }, sizes)).toBe(64)
  expect(nextPartBlocks(32, { bytes: 32 * MIB, durationMs: 60_000 }, sizes)).toBe(16)
  expect(nextPartBlocks(8, { bytes: 8 * MIB, durationMs: 60_000 }, sizes)).toBe(8)
})

test('towards the end every worker still finds something to do', () => {
  expect(fairShare(64, 1000, 4)).toBe(64)
  expect(fairShare(64, 64, 4)).toBe(8)
  expect(fairShare(8, 3, 16)).toBe(1)
})

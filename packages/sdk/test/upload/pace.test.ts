import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstPace, nextPace, type Pace, type PaceLimits, type PartOutcome } from '../../src/upload/pace.js'

const limits = fc
  .record({ min: fc.integer({ min: 1, max: 8 }), more: fc.integer({ min: 0, max: 24 }) })
  .map(({ min, more }): PaceLimits => ({ min, max: min + more }))

const outcomes = fc.array(fc.constantFrom<PartOutcome[]>('acknowledged', 'quick', 'congested'), {
  maxLength: 200,
})

const after = (pace: Pace, told: Parameters<typeof nextPace>[1][], within: PaceLimits) =>
  told.reduce((now, outcome) => nextPace(now, outcome, now.epoch, within), pace)

test('whatever happens, the bounds hold', () => {
  fc.assert(
    fc.property(limits, outcomes, (within, told) => {
      const { concurrency } = after(firstPace(within), told, within)
      expect(concurrency).toBeGreaterThanOrEqual(within.min)
      expect(concurrency).toBeLessThanOrEqual(within.max)
    }),
  )
})

test('a congestion halves, once for all that was under way', () => {
  fc.assert(
    fc.property(limits, outcomes, fc.integer({ min: 1, max: 20 }), (within, told, failures) => {
      const before = after(firstPace(within), told, within)
      let pace = before
      for (let i = 0; i < failures; i++) pace = nextPace(pace, 'congested', before.epoch, within)
      expect(pace.concurrency).toBe(Math.max(within.min, Math.floor(before.concurrency / 2)))
    }),
  )
})

const round = ({ concurrency }: Pace) =>
  Array.from({ length: Math.floor(concurrency) }, () => 'acknowledged' as const)

test('before the first congestion a round of stored parts doubles', () => {
  fc.assert(
    fc.property(limits, fc.integer({ min: 0, max: 5 }), (within, rounds) => {
      let pace = firstPace(within)
      for (let i = 0; i < rounds; i++) pace = after(pace, round(pace), within)
      expect(pace.concurrency).toBe(Math.min(within.max, firstPace(within).concurrency * 2 ** rounds))
    }),
  )
})

test('after a congestion a round of stored parts earns one more at most, and enough of them reach the upper bound', () => {
  fc.assert(
    fc.property(limits, outcomes, (within, told) => {
      const before = after(firstPace(within), ['congested', ...told], within)
      const later = after(before, round(before), within)
      expect(later.concurrency - before.concurrency).toBeGreaterThanOrEqual(0)
      expect(later.concurrency - before.concurrency).toBeLessThanOrEqual(1)
      const many = Array.from({ length: within.max ** 2 }, () => 'acknowledged' as const)
      expect(after(before, many, within).concurrency).toBe(within.max)
    }),
  )
})

test('quick parts give up the connections beyond four, and never more', () => {
  fc.assert(
    fc.property(limits, outcomes, (within, told) => {
      const before = after(firstPace(within), told, within)
      const quick = Array.from({ length: within.max }, () => 'quick' as const)
      const enough = Math.min(Math.max(4, within.min), before.concurrency)
      expect(after(before, quick, within)).toEqual({ ...before, concurrency: enough })
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextDelay, parseRetryAfter } from '../../src/transport/next-delay.js'

test('delays grow from 100 ms to 5 s at most, and are jittered down to nothing', () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 50].map(attempt => nextDelay(attempt, undefined, () => 1))
  expect(ceilings).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000])
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, random) => {
        const delay = nextDelay(attempt, undefined, () => random)
        expect(delay).toBeGreaterThanOrEqual(0)
        expect(delay).toBeLessThanOrEqual(5000)
      },
    ),
  )
})

test('nobody comes back before the server asks for it', () => {
  expect(nextDelay(1, 7000, () => 1)).toBe(7000)
  expect(nextDelay(9, 1000, () => 1)).toBe(5000)
})

test('Retry-After is seconds or a date', () => {
  const now = Date.parse('Wed, 21 Oct 2026 07:28:00 GMT')
  expect(parseRetryAfter('3', now)).toBe(3000)
  expect(parseRetryAfter('Wed, 21 Oct 2026 07:28:10 GMT', now)).toBe(10_000)
  expect(parseRetryAfter('Wed, 21 Oct 2026 07:27:00 GMT', now)).toBe(0)
  expect(parseRetryAfter('soon', now)).toBe(undefined)
  expect(parseRetryAfter(undefined, now)).toBe(undefined)
})

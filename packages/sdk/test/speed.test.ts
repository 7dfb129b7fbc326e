import fc from 'fast-check'
import { expect, test } from 'vitest'
import { estimate, nextSpeed, unknownSpeed } from '../src/speed.js'

test('a steady speed is found, whatever the steps', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 10, maxLength: 50 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 1e6 }), (ms, bytesPerMs) => {
      let speed = unknownSpeed(0, 0)
      for (const step of ms) speed = nextSpeed(speed, speed.at + step, speed.bytes + step * bytesPerMs)
      const told = estimate(speed, 1000 * bytesPerMs)
      if (speed.fadingMs < 100) return
      expect(told.bytesPerSecond).toBeCloseTo(bytesPerMs * 1000, -1)
      expect(told.remainingMs).toBeCloseTo(1000, -1)
    }),
  )
})

test('a speed is never negative and never beyond the fastest step, and a pause slows it down', () => {
  const steps = fc.array(fc.record({ ms: fc.integer({ min: 100, max: 5000 }), bytes: fc.nat(1e9) }), {
    minLength: 1,
    maxLength: 40,
  })
  fc.assert(
    fc.property(steps, told => {
      let speed = unknownSpeed(0, 0)
      let fastest = 0
      for (const { ms, bytes } of told) {
        fastest = Math.max(fastest, (bytes / ms) * 1000)
        speed = nextSpeed(speed, speed.at + ms, speed.bytes + bytes)
        const { bytesPerSecond = 0 } = estimate(speed, 1)
        expect(bytesPerSecond).toBeGreaterThanOrEqual(0)
        // A single step fades while it lasts, by less than a factor of e.
        expect(bytesPerSecond).toBeLessThanOrEqual(fastest * 3 + 1)
      }
      const before = estimate(speed, 1).bytesPerSecond ?? 0
      const paused = estimate(nextSpeed(speed, speed.at + 10_000, speed.bytes), 1).bytesPerSecond ?? 0
      expect(paused).toBeLessThanOrEqual(before)
    }),
  )
})

test('nothing is told while nothing is known', () => {
  expect(estimate(unknownSpeed(5, 100), 10)).toEqual({})
  expect(estimate(unknownSpeed(5, 100), 0)).toEqual({ remainingMs: 0 })
})

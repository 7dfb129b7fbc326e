import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reserve, sliceBytes } from '../../src/transport/rate-limit.js'

test('in no span of time more passes than the rate allows, but for one slice', () => {
  const arrivals = fc.array(
    fc.record({
      afterMs: fc.double({ min: 0, max: 2000, noNaN: true }),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    }),
    { minLength: 2, maxLength: 60 },
  )
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 1e9 }), arrivals, (bytesPerSecond, told) => {
      const slice = sliceBytes(bytesPerSecond)
      const passed: { at: number; bytes: number }[] = []
      let now = 0
      let freeAt = 0
      for (const { afterMs, share } of told) {
        now += afterMs
        const bytes = Math.ceil(slice * share)
        const turn = reserve(freeAt, now, bytes, bytesPerSecond)
        freeAt = turn.freeAt
        expect(turn.startAt).toBeGreaterThanOrEqual(now)
        passed.push({ at: turn.startAt, bytes })
      }
      for (const [from, first] of passed.entries()) {
        let sum = 0
        for (const { at, bytes } of passed.slice(from)) {
          sum += bytes
          const allowed = ((at - first.at) / 1000) * bytesPerSecond + slice
          expect(sum).toBeLessThanOrEqual(allowed * (1 + 1e-9) + 1)
        }
      }
    }),
  )
})

test('slices are small enough for everybody to get a turn', () => {
  expect(sliceBytes(100)).toBe(1024)
  expect(sliceBytes(160_000)).toBe(10_000)
  expect(sliceBytes(1e9)).toBe(65_536)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { allowedSilenceMs } from '../../src/transport/silence.js'
import { MIB } from '../support/bytes.js'

test('who sent nothing gets the idle timeout, who sent much gets more, and never without end', () => {
  expect(allowedSilenceMs(30_000, 0)).toBe(30_000)
  fc.assert(
    fc.property(fc.nat(100 * MIB), fc.nat(100 * MIB), (one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)]
      expect(allowedSilenceMs(1000, less)).toBeLessThanOrEqual(allowedSilenceMs(1000, more))
      expect(allowedSilenceMs(1000, more)).toBeLessThanOrEqual(5000)
    }),
  )
})

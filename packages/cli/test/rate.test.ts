import { expect, test } from 'vitest'
import { bytesPerSecondOf } from '../src/settings/rate.js'

test.for([
  ['1', 1],
  ['500k', 500_000],
  ['2M', 2_000_000],
  ['1.5M', 1_500_000],
  ['1G', 1_000_000_000],
  ['0', undefined],
  ['0.5', undefined],
  ['', undefined],
  ['fast', undefined],
  ['2m', undefined],
  ['-1k', undefined],
  ['1 k', undefined],
] as const)('%s', ([text, rate]) => {
  expect(bytesPerSecondOf(text)).toBe(rate)
})

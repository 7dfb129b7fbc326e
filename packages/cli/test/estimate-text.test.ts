import { expect, test } from 'vitest'
import { estimateText } from '../src/progress/phase-text.js'

test('speed and remaining time are told as far as they are known', () => {
  expect(estimateText({})).toBe('')
  expect(estimateText({ remainingMs: 0 })).toBe('')
  expect(estimateText({ bytesPerSecond: 2_100_000, remainingMs: 64_100 })).toBe(', 2.1 MB/s, 1:05 left')
  expect(estimateText({ bytesPerSecond: 900, remainingMs: 3_725_000 })).toBe(', 900 bytes/s, 1:02:05 left')
})

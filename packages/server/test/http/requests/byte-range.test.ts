import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseByteRange } from '../../../src/http/requests/byte-range.js'

test('a range, where there is one, lies inside of the bytes', () => {
  const number = fc.oneof(fc.constant(''), fc.nat(50).map(String))
  fc.assert(
    fc.property(number, number, fc.nat(40), (first, last, size) => {
      const range = parseByteRange(`bytes=${first}-${last}`, size)
      if (range === undefined || range === 'unsatisfiable') return
      expect(range.start).toBeGreaterThanOrEqual(0)
      expect(range.end).toBeGreaterThanOrEqual(range.start)
      expect(range.end).toBeLessThan(size)
      if (first !== '') expect(range.start).toBe(Number(first))
    }),
  )
})

test('what is no single range of bytes is none', () => {
  for (const header of [
    '',
    'bytes',
    'bytes=-',
    'bytes=a-b',
    'bytes=1-2,4-5',
    'items=0-1',
    'bytes=5-3',
    'bytes=1',
  ]) {
    expect(parseByteRange(header, 10), header).toBeUndefined()
  }
})

import fc from 'fast-check'
import { Value } from 'typebox/value'
import { describe, expect, test } from 'vitest'
import { parsePageRanges } from '../src/convert/page-ranges.js'
import { pageRanges } from '../src/convert/params.js'

test.each([
  ['1', [1]],
  ['1-3,5', [1, 2, 3, 5]],
  [' 2 , 4 - 5 ', [2, 4, 5]],
  ['5,1-2,2', [1, 2, 5]],
  ['8-', [8, 9]],
  ['all', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
  ['ALL', [1, 2, 3, 4, 5, 6, 7, 8, 9]],
])('%j of nine pages', (text, pages) => {
  expect(parsePageRanges(text, 9)).toEqual(pages)
})

describe('refuses', () => {
  test.each(['', ' ', ',', '1,', '-3', '1--2', '1-2-3', 'x', '1.5', '1;2', 'all,1', '٣'])(
    '%j, which is no range',
    text => {
      expect(() => parsePageRanges(text, 9)).toThrow(
        /is not understood: it is all, or pages and ranges such as 1-3,5/,
      )
    },
  )

  test('before any upload what can be no range, and nothing else', () => {
    const pieces = fc.constantFrom('1', '3', '20', '-', ',', ' ', 'all', 'x')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), all => {
        const text = all.join('')
        const parsing = expect(() => parsePageRanges(text, 9))
        if (Value.Check(pageRanges, text)) parsing.not.toThrow(/is not understood/)
        else parsing.toThrow()
      }),
    )
  })

  test.each(['0', '10', '1-10', '10-12', '1-99999999999999999999', '0-2', '12-'])(
    '%j, which is not there',
    text => {
      expect(() => parsePageRanges(text, 9)).toThrow(/does not exist: the PDF document has 9 pages/)
    },
  )

  test('ranges that run backwards', () => {
    expect(() => parsePageRanges('5-3', 9)).toThrow('has a range that runs backwards: 5-3')
  })

  test('page 2 of one', () => {
    expect(() => parsePageRanges('2', 1)).toThrow(
      'page 2 does not exist: the PDF document has one page, the first is page 1',
    )
  })
})

test('any list of ranges gives its pages, ascending, each once', () => {
  const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 20 })), {
    minLength: 1,
  })
  fc.assert(
    fc.property(ranges, list => {
      const text = list
        .map(([first, more]) => (more === 0 ? `${first}` : `${first}-${first + more}`))
        .join(',')
      const pages = new Set(
        list.flatMap(([first, more]) => Array.from({ length: more + 1 }, (_, at) => first + at)),
      )
      expect(parsePageRanges(text, 220)).toEqual([...pages].sort((a, b) => a - b))
    }),
  )
})

test('any text gives pages that are there, or a failure in words', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\d,\- al]{0,12}$/), fc.integer({ min: 1, max: 50 }), (text, count) => {
      try {
        const pages = parsePageRanges(text, count)
        expect(pages.every(page => page >= 1 && page <= count)).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ name: 'OperationError' })
      }
    }),
  )
})

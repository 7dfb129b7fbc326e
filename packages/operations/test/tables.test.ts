import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { convertBytes } from './converting.js'
import { failureOf } from './failing.js'

describe('CSV', () => {
  test.each([
    [
      'a,b\n1,2\n3,4\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['\ufeffa;b\r\n1;2,5\r\n', [{ a: '1', b: '2,5' }]],
    ['a\tb\n1\t\n', [{ a: '1', b: '' }]],
    ['name,note\n"Ann ""A""","two\nlines, quoted"\n', [{ name: 'Ann "A"', note: 'two\nlines, quoted' }]],
    [
      'a,b\n\n1,2\n\n\n3,4',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    ['2,1\nx,y\n', [{ 2: 'x', 1: 'y' }]],
    ['a,b\r1,2\r', [{ a: '1', b: '2' }]],
  ])('%j becomes JSON whose values are strings', async (table, expected) => {
    const { text, type, name } = await convertBytes(table)
    expect(JSON.parse(text)).toEqual(expected)
    expect({ type, name }).toEqual({ type: 'application/json', name: 'result.json' })
  })

  test('columns keep their order, also those that look like numbers', async () => {
    expect((await convertBytes('10,2,a\nx,y,z\n')).text).toBe('[\n{"10":"x","2":"y","a":"z"}\n]\n')
    expect((await convertBytes('__proto__,a\nx,y\n')).text).toBe('[\n{"__proto__":"x","a":"y"}\n]\n')
  })

  test('a delimiter may be named', async () => {
    expect(JSON.parse((await convertBytes('a|b\n1|2', { from: 'csv', delimiter: '|' })).text)).toEqual([
      { a: '1', b: '2' },
    ])
    expect(JSON.parse((await convertBytes('a,x\tb\n1,y\t2', { delimiter: 'tab' })).text)).toEqual([
      { 'a,x': '1,y', b: '2' },
    ])
    expect(await failureOf('a,b\n1,2', { delimiter: 'x' })).toMatch(/^the delimiter "x" is not known/)
  })

  test('a header alone is an empty array', async () => {
    expect((await convertBytes('a,b\n', { from: 'csv' })).text).toBe('[\n]\n')
  })

  test('a large table streams, with reports of progress', async () => {
    const { text, progress } = await convertBytes(`a,b\n${'1,é\n'.repeat(50_000)}`)
    const items: unknown[] = JSON.parse(text)
    expect(items).toHaveLength(50_000)
    expect(items.at(-1)).toEqual({ a: '1', b: 'é' })
    expect(progress.length).toBeGreaterThan(2)
    expect(progress.every(({ fraction }) => fraction! > 0 && fraction! <= 1)).toBe(true)
  })

  test.each([
    [
      'a,b\n1,2\n1,2,3\n',
      'line 3 of the CSV table has 3 cells, but its header has 2: mend the row, or name the delimiter if it is another',
    ],
    [
      'a,b\r\n"x\r\ny",2\r\n\r\n1\r\n',
      'line 5 of the CSV table has 1 cell, but its header has 2: mend the row, or name the delimiter if it is another',
    ],
    ['a,b\n1,2\n3,"4\n5,6\n', 'the row from line 3 of the CSV table opens a quote that is never closed'],
    [
      'a,b\n1,x"y\n',
      'line 2 of the CSV table has a quote in the middle of a cell: quote the whole cell and write the quote inside it twice',
    ],
    [
      'a,b\n1,"x"y\n',
      'line 2 of the CSV table goes on after a closing quote: a quote inside a quoted cell is written twice',
    ],
    [
      'a,a\n1,2\n',
      'the header of the CSV table has the name "a" twice: rename one, an object can hold only one member of a name',
    ],
  ])('%j fails and tells the line', async (table, message) => {
    expect(await failureOf(table)).toBe(message)
  })

  test('a ragged row far down is told with its line', async () => {
    expect(await failureOf(`a,b\n${'1,2\n'.repeat(80_000)}1\n`)).toMatch(
      /^line 80002 of the CSV table has 1 cell/,
    )
  })

  test('becomes nothing else, and takes no foreign parameters', async () => {
    expect(await failureOf('a,b\n1,2', { to: 'png' })).toBe(
      'cannot convert a CSV table to png: CSV tables become json; if the source is another kind of text, say which with from',
    )
    expect(await failureOf('a,b\n1,2', { width: 3 })).toBe(
      'width means nothing when a CSV table becomes json: understood are to, from and delimiter',
    )
    expect(await failureOf('\n\n', { from: 'csv' })).toMatch(/^the CSV table is empty/)
  })
})

describe('JSON', () => {
  test('becomes CSV, with all members as columns in the order of their first appearance', async () => {
    const items = [
      { b: 1, a: 'x, "y"' },
      { a: null, c: true },
      { c: { d: [1, 'z'] }, b: -2.5 },
    ]
    const { text, type, name } = await convertBytes(JSON.stringify(items, null, 2))
    expect(text).toBe('b,a,c\n1,"x, ""y""",\n,,true\n-2.5,,"{""d"":[1,""z""]}"\n')
    expect({ type, name }).toEqual({ type: 'text/csv; charset=utf-8', name: 'result.csv' })
  })

  test('a delimiter may be named', async () => {
    expect((await convertBytes('[{"a":"1;2","b":2}]', { delimiter: ';' })).text).toBe('a;b\n"1;2";2\n')
  })

  test.each([
    ['{"a":1}', /^the JSON is an object, but only an array of objects can become a CSV table/],
    ['[{"a":1},2]', /^item 2 of the JSON array is a number, but/],
    ['[[1]]', /^item 1 of the JSON array is an array, but/],
    ['[{"a":1},null]', /^item 2 of the JSON array is null, but/],
    ['[]', /^the JSON array has no object with a member/],
    ['[{}]', /^the JSON array has no object with a member/],
    [
      '[{"id":12345678901234567890}]',
      /^item 1 of the JSON array has a number in "id" that is too large to be kept exactly/,
    ],
    ['[{"a":{"b":[9007199254740993]}}]', /too large to be kept exactly/],
    ['[{"a":1},\n {"a":}]', /^the source is not valid JSON: /],
    ['[{"a":1}', /^the source is not valid JSON: /],
  ])('%j fails', async (json, message) => {
    expect(await failureOf(json)).toMatch(message)
  })

  test('scalars and others fail when they are said to be JSON', async () => {
    expect(await failureOf('"words"', { from: 'json' })).toMatch(/^the JSON is a string/)
    expect(await failureOf('null', { from: 'json' })).toMatch(/^the JSON is null/)
    expect(await failureOf('words', { from: 'json' })).toMatch(/^the source is not valid JSON/)
    expect(await failureOf('[{"a":1}]', { to: 'html' })).toMatch(
      /^cannot convert JSON to html: JSON arrays become csv/,
    )
  })
})

test('any table comes back from CSV as it went in', async () => {
  const value = fc.string({ unit: 'grapheme', maxLength: 12 })
  const names = fc.uniqueArray(value, { minLength: 1, maxLength: 5 })
  const table = names.chain(columns =>
    fc
      .array(fc.array(value, { minLength: columns.length, maxLength: columns.length }), {
        minLength: 1,
        maxLength: 6,
      })
      .map(rows => rows.map(row => Object.fromEntries(columns.map((name, at) => [name, row[at]!])))),
  )
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom(',', ';', 'tab', '|'), async (items, delimiter) => {
      fc.pre(!JSON.stringify(items).includes('\\u0000'))
      const csv = await convertBytes(JSON.stringify(items), { from: 'json', delimiter })
      const back = await convertBytes(csv.bytes, { from: 'csv', delimiter })
      expect(JSON.parse(back.text)).toEqual(items)
    }),
    { numRuns: 150 },
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatParameterQuery,
  parseParameterQuery,
  parseParameterTexts,
  parseParameterValue,
} from '../../src/index.js'
import { jsonObject } from './json-arbitrary.js'

const badRequest = expect.objectContaining({ name: 'ProtocolError', code: 'bad-request' })

describe('parseParameterValue', () => {
  it.each([
    ['1', 1],
    ['-1.5e3', -1500],
    ['true', true],
    ['null', null],
    ['png', 'png'],
    ['"1"', '1'],
    ['"png"', 'png'],
    ['', ''],
    ['""', ''],
    ['[1,2]', [1, 2]],
    ['{"a":{"b":"c"}}', { a: { b: 'c' } }],
    ['{a:1}', '{a:1}'],
    ['True', 'True'],
    ['01', '01'],
    ['1,2', '1,2'],
    ['NaN', 'NaN'],
    ['"open', '"open'],
    ['[1,2', '[1,2'],
    ['a b', 'a b'],
    ['2026-11-01', '2026-11-01'],
  ])('takes %s for what it is', (text, value) => {
    expect(parseParameterValue(text)).toEqual(value)
  })

  it.each([
    ['two members of the same name', '{"a":1,"a":2}'],
    ['a lone surrogate', '"\\ud800"'],
    ['a number that no double can hold', '1e400'],
    ['too many levels', '['.repeat(33) + ']'.repeat(33)],
    ['a hundred thousand levels', '['.repeat(100_000) + ']'.repeat(100_000)],
  ])('refuses JSON with %s instead of taking it for text', (_, text) => {
    expect(() => parseParameterValue(text)).toThrow(badRequest)
  })
})

describe('parseParameterTexts', () => {
  it('reads name=value, as on a command line', () => {
    expect(
      parseParameterTexts(['page=1', 'to=png', 'label="1"', 'box={"x":1,"y":[2]}', 'title=a+b %20 c']),
    ).toEqual({ page: 1, to: 'png', label: '1', box: { x: 1, y: [2] }, title: 'a+b %20 c' })
  })

  it('cuts at the first equals sign', () => {
    expect(parseParameterTexts(['a=b=c', 'd==', 'e="="'])).toEqual({ a: 'b=c', d: '=', e: '=' })
  })

  it('takes nothing after the equals sign for the empty text', () => {
    expect(parseParameterTexts(['a='])).toEqual({ a: '' })
  })

  it('takes no texts for no parameters', () => {
    expect(parseParameterTexts([])).toEqual({})
  })

  it.each([['page'], [''], ['='], ['=1']])('refuses "%s", which is not name=value', text => {
    expect(() => parseParameterTexts(['to=png', text])).toThrow(badRequest)
  })

  it.each([
    ['with the same value', ['a=1', 'a=1']],
    ['with others between', ['a=1', 'b=2', 'a=3']],
    ['that is __proto__', ['__proto__=1', '__proto__=2']],
  ])('refuses a repeated name %s', (_, texts) => {
    expect(() => parseParameterTexts(texts)).toThrow(badRequest)
  })

  it('takes names that every object has', () => {
    const params = parseParameterTexts(['__proto__={"a":1}', 'constructor=2', 'toString=3'])
    expect(Object.entries(params)).toEqual([
      ['__proto__', { a: 1 }],
      ['constructor', 2],
      ['toString', 3],
    ])
    expect(Object.getPrototypeOf(params)).toBe(Object.prototype)
  })
})

describe('parseParameterQuery', () => {
  it.each([
    ['', {}],
    ['&', {}],
    ['page=1&to=png', { page: 1, to: 'png' }],
    ['page="1"', { page: '1' }],
    ['page=%221%22', { page: '1' }],
    ['a=b=c', { a: 'b=c' }],
    ['a=', { a: '' }],
    ['a', { a: '' }],
    ['a&b=1', { a: '', b: 1 }],
    ['&&a=1&&b=2&', { a: 1, b: 2 }],
    ['title=a+b', { title: 'a b' }],
    ['title=a%20b', { title: 'a b' }],
    ['title=a%2Bb', { title: 'a+b' }],
    ['a+b=1', { 'a b': 1 }],
    ['%61=1', { a: 1 }],
    ['a%3Db=1', { 'a=b': 1 }],
    ['a=%26%3D%25', { a: '&=%' }],
    ['box=%7B%22x%22%3A+1%7D', { box: { x: 1 } }],
    ['name=%C3%A9%F0%9F%98%80', { name: 'é😀' }],
    ['name=é', { name: 'é' }],
    ['=1', { '': 1 }],
  ])('reads "%s"', (query, params) => {
    expect(parseParameterQuery(query)).toEqual(params)
  })

  it.each(['a=1&a=1', 'a=1&b=2&a=3', 'a=1&%61=2', 'a&a=', '__proto__=1&__proto__=2', 'a+b=1&a%20b=2'])(
    'refuses the repeated name in "%s"',
    query => {
      expect(() => parseParameterQuery(query)).toThrow(badRequest)
    },
  )

  it.each(['a=%', 'a=%4', 'a=%zz', 'a=%ff', 'a=%C3', 'a=%ED%A0%80', '%=1', 'a=100%'])(
    'refuses the broken percent-encoding in "%s"',
    query => {
      expect(() => parseParameterQuery(query)).toThrow(badRequest)
    },
  )
})

describe('formatParameterQuery', () => {
  it('is read back by parseParameterQuery, for any JSON', () => {
    fc.assert(
      fc.property(jsonObject, params => {
        expect(parseParameterQuery(formatParameterQuery(params))).toEqual(params)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    '',
    '1',
    ' 1 ',
    'null',
    '"1"',
    '{"a":1}',
    '{"a":1,"a":2}',
    '[',
    'a+b',
    'a&b=c',
    '100%',
    '😀',
    '1e400',
  ])('keeps the text %s a text', text => {
    expect(parseParameterQuery(formatParameterQuery({ text }))).toEqual({ text })
  })

  it('writes plain texts plainly', () => {
    expect(formatParameterQuery({ to: 'png', page: 1, name: 'a b' })).toBe('to=png&page=1&name=a+b')
  })

  it('quotes only the texts that would be taken for JSON', () => {
    expect(formatParameterQuery({ page: '1' })).toBe('page=%221%22')
  })

  it('leaves out members that are undefined', () => {
    expect(formatParameterQuery({ to: 'png', page: undefined })).toBe('to=png')
  })
})

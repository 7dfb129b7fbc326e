import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProtocolError, JSON_DEPTH_LIMIT, parseIJson } from '../../src/index.js'
import { jsonObject, jsonValue } from './json-arbitrary.js'

/** Asserts that `input` is refused as `bad-request` with a sentence that says why. */
function expectRefused(input: string | Uint8Array, why: RegExp): void {
  let thrown: unknown
  try {
    parseIJson(input)
  } catch (error) {
    thrown = error
  }
  expect(thrown).toSatisfy(isProtocolError)
  expect(thrown).toMatchObject({ code: 'bad-request', message: expect.stringMatching(why) })
}

/** `name` as a JSON string in which every UTF-16 code unit is escaped. */
function escaped(name: string): string {
  const units = name.split('').map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `"${units.join('')}"`
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels)
}

describe('parseIJson', () => {
  it('reads back what JSON.stringify writes, from text and from bytes', () => {
    fc.assert(
      fc.property(jsonValue, fc.nat(26), (value, levels) => {
        const text = `${'['.repeat(levels)}${JSON.stringify(value)}${']'.repeat(levels)}`
        const unwrap = (parsed: unknown) => {
          let inner = parsed
          for (let level = 0; level < levels; level++) inner = (inner as unknown[])[0]
          return inner
        }
        expect(unwrap(parseIJson(text))).toEqual(value)
        expect(unwrap(parseIJson(new TextEncoder().encode(text)))).toEqual(value)
      }),
    )
  })

  it('is not misled by punctuation and escapes in strings', () => {
    const text = fc.string({
      unit: fc.constantFrom('"', '\\', ':', '{', '}', '[', ']', ',', 'a'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(fc.dictionary(text, text), text, (inner, value) => {
        expect(parseIJson(JSON.stringify({ inner, value }))).toEqual({ inner, value })
      }),
    )
    expect(parseIJson('{"a\\"":1}')).toEqual({ 'a"': 1 })
    expect(parseIJson('{"a\\\\":1}')).toEqual({ 'a\\': 1 })
    expect(parseIJson(JSON.stringify(nested(100)))).toBe(nested(100))
  })

  it('takes whitespace between tokens', () => {
    expect(parseIJson(' {\r\n"a" :\t[ 1 , 2 ] } ')).toEqual({ a: [1, 2] })
  })

  describe('refuses two members of the same name', () => {
    it.each([
      ['in the outermost object', '{"a":1,"a":1}'],
      ['inside a member', '{"x":{"a":1,"a":2}}'],
      ['inside arrays', '[[0,{"a":1,"b":2,"a":3}]]'],
      ['inside an object that a duplicate hides', '{"a":{"b":1,"b":2},"c":3}'],
      ['whose first value has members of its own', '{"a":{"b":1,"c":2},"a":3}'],
      ['whose last value has members of its own', '{"a":3,"a":{"b":1,"c":2}}'],
      ['when it is the empty name', '{"":1,"":2}'],
      ['when it is __proto__', '{"__proto__":{},"__proto__":{}}'],
      ['when it is constructor', '{"constructor":1,"constructor":2}'],
      ['when it is a number', '{"1":1,"1":2}'],
      ['when one is escaped', '{"a":1,"\\u0061":2}'],
      ['when both are escaped', '{"\\u0061":1,"\\u0061":2}'],
      ['when one is an escaped surrogate pair', '{"😀":1,"\\ud83d\\ude00":2}'],
      ['when one has an escaped slash', '{"a/b":1,"a\\/b":2}'],
      ['when __proto__ is escaped', '{"__proto__":1,"\\u005f_proto__":2}'],
    ])('%s', (_, text) => {
      expectRefused(text, /two members of the same name/)
    })

    it('in any object, wherever it is', () => {
      fc.assert(
        fc.property(jsonObject, fc.nat(), jsonValue, (object, pick, again) => {
          const names = Object.keys(object)
          fc.pre(names.length > 0)
          const name = names[pick % names.length]!
          const text = `${JSON.stringify(object).slice(0, -1)},${escaped(name)}:${JSON.stringify(again)}}`
          expectRefused(text, /two members of the same name/)
          expectRefused(`[null,{"nested":${text}}]`, /two members of the same name/)
        }),
      )
    })
  })

  it('takes equal names in different objects', () => {
    const value = [{ a: { a: { a: 1 } } }, { a: 2 }, { b: [{ a: 3 }, { a: 4 }] }]
    expect(parseIJson(JSON.stringify(value))).toEqual(value)
  })

  it('takes names that differ only in normal form or case', () => {
    expect(Object.keys(parseIJson('{"é":1,"e\u0301":2,"a":3,"A":4}') as object)).toHaveLength(4)
  })

  it('gives __proto__ as a member like any other', () => {
    const value = parseIJson('{"__proto__":{"isAdmin":true}}') as Record<string, unknown>
    expect(Object.keys(value)).toEqual(['__proto__'])
    expect(value.isAdmin).toBeUndefined()
  })

  it.each([
    ['a high one as value', '"\\ud800"'],
    ['a low one as value', '"\\udc00"'],
    ['one in the middle', '["ab\\ud83dcd"]'],
    ['a pair in the wrong order', '{"a":"\\ude00\\ud83d"}'],
    ['one in a name', '{"\\ud800":1}'],
    ['one in a name deep down', '[{"a":{"b\\udfff":1}}]'],
    ['one that is not escaped', '"\ud800"'],
  ])('refuses a lone surrogate: %s', (_, text) => {
    expectRefused(text, /lone surrogate/)
  })

  it('takes an escaped surrogate pair', () => {
    expect(parseIJson('"\\ud83d\\ude00"')).toBe('😀')
  })

  it.each(['1e400', '-1e400', '[1,{"a":1e309}]', `1${'0'.repeat(400)}`])(
    'refuses %s, which no double can hold',
    text => {
      expectRefused(text, /number that is too large/)
    },
  )

  it('takes the largest and the smallest doubles', () => {
    const values = [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 0]
    expect(parseIJson(JSON.stringify(values))).toEqual(values)
  })

  describe('bounds nesting', () => {
    it('takes 32 levels', () => {
      expect(JSON_DEPTH_LIMIT).toBe(32)
      expect(parseIJson(nested(32))).toBeInstanceOf(Array)
      expect(parseIJson('{"a":['.repeat(16) + ']}'.repeat(16))).toHaveProperty('a')
    })

    it('refuses 33 levels', () => {
      expectRefused(nested(33), /deeper than 32/)
      expectRefused(`{"a":${'{"a":['.repeat(16)}${']}'.repeat(16)}}`, /deeper than 32/)
    })

    it('counts levels, not arrays side by side', () => {
      expect(parseIJson(`[${new Array(1000).fill('[[]]').join()}]`)).toHaveLength(1000)
    })

    it.each([
      ['arrays', nested(100_000)],
      ['objects', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
      ['arrays that are never closed', '['.repeat(100_000)],
    ])('refuses 100,000 levels of %s without running out of stack', (_, text) => {
      expectRefused(text, /deeper than 32/)
      expectRefused(new TextEncoder().encode(text), /deeper than 32/)
    })

    it('is not misled by brackets that close nothing', () => {
      expectRefused(']'.repeat(100) + nested(50), /not JSON/)
    })
  })

  it.each([
    ['a stray continuation byte', [0x22, 0x80, 0x22]],
    ['a cut sequence', [0x22, 0xc3, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
    ['a surrogate in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['a code point beyond Unicode', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22]],
    ['Latin-1', [0x22, 0xe9, 0x22]],
  ])('refuses bytes that are not UTF-8: %s', (_, bytes) => {
    expectRefused(Uint8Array.from(bytes), /not UTF-8/)
  })

  it('reads bytes as UTF-8', () => {
    expect(parseIJson(new TextEncoder().encode('{"é":"😀"}'))).toEqual({ é: '😀' })
  })

  it.each([
    ['an empty body', ''],
    ['only whitespace', ' \n'],
    ['a byte order mark', '\ufeff{}'],
    ['trailing garbage', '{} x'],
    ['two values', '{}{}'],
    ['a trailing comma', '[1,]'],
    ['a comment', '{} // none'],
    ['single quotes', "{'a':1}"],
    ['a name without quotes', '{a:1}'],
    ['NaN', 'NaN'],
    ['Infinity', '[Infinity]'],
    ['a leading zero', '01'],
    ['a line break in a string', '"a\nb"'],
    ['an unknown escape', '"\\x41"'],
    ['an open string', '"abc'],
    ['an open string that ends in a backslash', '"abc\\'],
    ['an open object', '{"a":1'],
    ['a stray colon', '{"a"::1}'],
    ['a null byte after the value', '{}\0'],
  ])('refuses %s', (_, text) => {
    expectRefused(text, /not JSON/)
    expectRefused(new TextEncoder().encode(text), /not JSON/)
  })

  it('keeps what was wrong as the cause', () => {
    expect(() => parseIJson('{')).toThrow(expect.objectContaining({ cause: expect.any(SyntaxError) }))
    expect(() => parseIJson(Uint8Array.of(0xff))).toThrow(
      expect.objectContaining({ cause: expect.any(TypeError) }),
    )
  })
})

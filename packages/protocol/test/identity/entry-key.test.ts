import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalDescriptor,
  type Descriptor,
  deriveEntryKey,
  loadBlake3,
  parseEntryKey,
  parseIJson,
} from '../../src/index.js'
import { engines } from '../engines.js'
import { hex } from '../hex.js'
import { type Json, jsonObject } from '../json/json-arbitrary.js'
import { contentIdVectors, entryKeyVectors } from '../vectors.js'

const blake3 = await loadBlake3()

const CONTENT = '774af06b1b6616ba427c99ef36f50c78752ce5c11b01b3b2ae8ae71bcaf8d671'
const UUID = '0190f3e2-5b1c-4a7d-9e2f-00c0ffee1234'

const BASE: Descriptor = {
  v: 1,
  content: CONTENT,
  resource: { name: 'reports/q3.pdf', version: '7' },
  operation: { name: 'convert', params: { to: 'png', page: 1 } },
  user: 'alice',
  salt: '2026-11',
}

describe.each(engines)('the entry key vectors (%s)', (_, engine) => {
  it('have the label of the content id vectors', () => {
    expect(entryKeyVectors.label).toBe(contentIdVectors.labels.key)
    expect(hex(engine.digest(new TextEncoder().encode(entryKeyVectors.label)))).toBe(
      contentIdVectors.keys.key,
    )
  })

  it.each(entryKeyVectors.entries)('hold for the key $key', ({ descriptor, canonical, key }) => {
    expect(canonicalDescriptor(descriptor)).toBe(canonical)
    expect(deriveEntryKey(engine, descriptor)).toBe(key)
    expect(deriveEntryKey(engine, parseIJson(canonical) as Descriptor)).toBe(key)
    expect(parseEntryKey(key)).toBe(key)
  })
})

/** The same value with the members of every object in reverse. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  )
}

describe('deriveEntryKey', () => {
  it('does not depend on the order of members', () => {
    fc.assert(
      fc.property(jsonObject, params => {
        const descriptor = { ...BASE, operation: { name: 'convert', params } }
        const other = reversed(descriptor as unknown as Json) as unknown as Descriptor
        expect(Object.keys(other)).not.toEqual(Object.keys(descriptor))
        expect(canonicalDescriptor(other)).toBe(canonicalDescriptor(descriptor))
        expect(deriveEntryKey(blake3, other)).toBe(deriveEntryKey(blake3, descriptor))
      }),
    )
  })

  it('depends on the order of arrays', () => {
    const withPages = (pages: number[]): Descriptor => ({
      ...BASE,
      operation: { name: 'convert', params: { pages } },
    })
    expect(deriveEntryKey(blake3, withPages([1, 2]))).not.toBe(deriveEntryKey(blake3, withPages([2, 1])))
  })

  it('is the same after a journey as JSON', () => {
    fc.assert(
      fc.property(jsonObject, params => {
        const descriptor: Descriptor = { ...BASE, operation: { name: 'convert', params } }
        const arrived = parseIJson(JSON.stringify(descriptor)) as Descriptor
        expect(deriveEntryKey(blake3, arrived)).toBe(deriveEntryKey(blake3, descriptor))
      }),
    )
  })

  it('changes with each field, given, altered or left out', () => {
    const { content: _c, ...noContent } = BASE
    const { resource: _r, ...noResource } = BASE
    const { user: _u, ...noUser } = BASE
    const { salt: _s, ...noSalt } = BASE
    const withParams = (params: Record<string, unknown>): Descriptor => ({
      ...BASE,
      operation: { ...BASE.operation, params },
    })
    const descriptors: Descriptor[] = [
      BASE,
      noContent,
      noResource,
      noUser,
      noSalt,
      { ...BASE, content: CONTENT.replace('7', '8') },
      { ...BASE, resource: { name: 'reports/q4.pdf', version: '7' } },
      { ...BASE, resource: { name: 'reports/q3.pdf', version: '8' } },
      { ...BASE, operation: { ...BASE.operation, name: 'resize' } },
      { ...BASE, user: 'bob' },
      { ...BASE, salt: '2026-12' },
      // The same text in another field is another descriptor.
      { ...BASE, user: '2026-11', salt: 'alice' },
      withParams({}),
      withParams({ to: 'png' }),
      withParams({ to: 'png', page: 2 }),
      withParams({ to: 'png', page: '1' }),
      withParams({ to: 'png', page: null }),
      withParams({ to: 'png', page: [1] }),
      withParams({ to: 'PNG', page: 1 }),
      withParams({ to: 'png', page: 1, dpi: 300 }),
      { ...BASE, v: 2 } as unknown as Descriptor,
    ]
    const keys = descriptors.map(descriptor => deriveEntryKey(blake3, descriptor))
    expect(new Set(keys).size).toBe(descriptors.length)
  })

  it('takes a member that is undefined for one that is not there', () => {
    const { salt: _, ...noSalt } = BASE
    const undefinedSalt = { ...BASE, salt: undefined } as unknown as Descriptor
    expect(deriveEntryKey(blake3, undefinedSalt)).toBe(deriveEntryKey(blake3, noSalt))
  })

  it('counts a member named __proto__', () => {
    const params = parseIJson('{"__proto__": {"page": 1}}') as Record<string, unknown>
    const descriptor = { ...BASE, operation: { name: 'convert', params } }
    expect(canonicalDescriptor(descriptor)).toContain('{"__proto__":{"page":1}}')
  })

  it.each([
    ['NaN', { ratio: Number.NaN }],
    ['infinity', { ratio: Number.POSITIVE_INFINITY }],
    ['a lone surrogate', { to: '\ud800' }],
    ['a lone surrogate in a name', { '\udc00': 1 }],
  ])('refuses %s', (_, params) => {
    expect(() => deriveEntryKey(blake3, { ...BASE, operation: { name: 'convert', params } })).toThrow()
  })
})

describe('canonicalDescriptor', () => {
  it('sorts names by UTF-16 code units, as RFC 8785 has it', () => {
    // The names of RFC 8785, 3.2.3, whose order by code points would be another.
    const params = { '€': 1, '\r': 2, '\ufb33': 3, '1': 4, '😀': 5, '\u0080': 6, ö: 7 }
    const canonical = canonicalDescriptor({ v: 1, operation: { name: 'x', params } })
    expect(canonical).toBe(
      '{"operation":{"name":"x","params":{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}},"v":1}',
    )
  })
})

describe('parseEntryKey', () => {
  it('takes a derived key', () => {
    const key = deriveEntryKey(blake3, BASE)
    expect(parseEntryKey(key)).toBe(key)
  })

  it('takes an unshared key', () => {
    expect(parseEntryKey(`u-${UUID}`)).toBe(`u-${UUID}`)
  })

  it.each([
    ['nothing', ''],
    ['upper case', CONTENT.toUpperCase()],
    ['one digit too few', CONTENT.slice(1)],
    ['one digit too many', `${CONTENT}0`],
    ['a trailing newline', `${CONTENT}\n`],
    ['a leading newline', `\n${CONTENT}`],
    ['two keys on two lines', `${CONTENT}\n${CONTENT}`],
    ['another letter', `x${CONTENT.slice(1)}`],
    ['an unshared key in upper case', `u-${UUID.toUpperCase()}`],
    ['an unshared key with a newline', `u-${UUID}\n`],
    ['an unshared key of another version', `u-${UUID.replace('-4', '-1')}`],
    ['a UUID without prefix', UUID],
    ['a path', `../${CONTENT}`],
  ])('refuses %s', (_, text) => {
    expect(parseEntryKey(text)).toBeUndefined()
  })
})

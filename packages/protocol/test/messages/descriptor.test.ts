import fc from 'fast-check'
import { Check } from 'typebox/value'
import { describe, expect, it } from 'vitest'
import { parseContentId } from '../../src/index.js'
import { Descriptor, Hex64, OperationName } from '../../src/schemas.js'
import { jsonObject } from '../json/json-arbitrary.js'
import { entryKeyVectors } from '../vectors.js'
import { descriptor } from './examples.js'

const { operation } = descriptor

describe('Descriptor', () => {
  it.each(entryKeyVectors.entries)('takes the descriptor of the key $key', ({ descriptor }) => {
    expect(Check(Descriptor, descriptor)).toBe(true)
  })

  it.each([
    ['nothing but an operation, as under an unshared key', { v: 1, operation }],
    ['every member', { ...descriptor, resource: { name: 'a', version: '1' }, user: 'alice', salt: 's' }],
    [
      'a resource without a version text',
      { v: 1, operation, resource: { name: 'a', version: '' }, user: 'a' },
    ],
    ['the longest texts', { ...descriptor, user: 'u'.repeat(256), salt: 's'.repeat(256) }],
  ])('takes %s', (_, value) => {
    expect(Check(Descriptor, value)).toBe(true)
  })

  it('takes any JSON object as parameters', () => {
    fc.assert(
      fc.property(jsonObject, params => {
        expect(Check(Descriptor, { ...descriptor, operation: { name: 'convert', params } })).toBe(true)
      }),
    )
  })

  it.each([
    ['an unknown member', { ...descriptor, priority: 1 }],
    ['a member named __proto__', JSON.parse(`{"__proto__":{},${JSON.stringify(descriptor).slice(1)}`)],
    ['an unknown member of the operation', { ...descriptor, operation: { ...operation, version: '1' } }],
    [
      'an unknown member of the resource',
      { ...descriptor, resource: { name: 'a', version: '1', etag: 'x' } },
    ],
    ['no operation', { v: 1, content: descriptor.content }],
    ['an operation that is a text', { ...descriptor, operation: 'convert' }],
    ['an operation without name', { ...descriptor, operation: { params: {} } }],
    ['an operation without params', { ...descriptor, operation: { name: 'convert' } }],
    ['params that are an array', { ...descriptor, operation: { name: 'convert', params: [] } }],
    ['params that are null', { ...descriptor, operation: { name: 'convert', params: null } }],
    ['no v', { content: descriptor.content, operation }],
    ['another v', { ...descriptor, v: 2 }],
    ['a v that is a text', { ...descriptor, v: '1' }],
    ['content in upper case', { ...descriptor, content: descriptor.content?.toUpperCase() }],
    ['content that is null', { ...descriptor, content: null }],
    ['content that is a stream', { ...descriptor, content: 'u-0190f3e2-5b1c-4a7d-9e2f-00c0ffee1234' }],
    ['a resource without version', { ...descriptor, resource: { name: 'a' } }],
    ['a resource without name', { ...descriptor, resource: { version: '1' } }],
    ['a resource with an empty name', { ...descriptor, resource: { name: '', version: '1' } }],
    ['a resource whose version is a number', { ...descriptor, resource: { name: 'a', version: 7 } }],
    ['an empty user', { ...descriptor, user: '' }],
    ['a user that is too long', { ...descriptor, user: 'u'.repeat(257) }],
    ['an empty salt', { ...descriptor, salt: '' }],
    ['a salt that is a number', { ...descriptor, salt: 1 }],
    ['a salt that is too long', { ...descriptor, salt: 's'.repeat(257) }],
    ['an array', [descriptor]],
    ['null', null],
  ])('refuses %s', (_, value) => {
    expect(Check(Descriptor, value)).toBe(false)
  })
})

describe('OperationName', () => {
  it.each(['copy', 'gzip', 'pdf-to_text.v2', '7z', 'a'.repeat(64)])('takes %s', name => {
    expect(Check(OperationName, name)).toBe(true)
  })

  it.each(['', 'Copy', '-copy', '.', '..', '_x', 'a/b', 'a b', 'é', 'copy\n', 'a'.repeat(65)])(
    'refuses "%s"',
    name => {
      expect(Check(OperationName, name)).toBe(false)
    },
  )
})

describe('Hex64', () => {
  const id = 'ab'.repeat(32)
  it.each([id, id.toUpperCase(), id.slice(1), `${id}0`, `${id}\n`, ''])(
    'judges "%s" as parseContentId does',
    text => {
      expect(Check(Hex64, text)).toBe(parseContentId(text) !== undefined)
    },
  )
})

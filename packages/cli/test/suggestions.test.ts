import { describe, expect, test } from 'vitest'
import { closestName } from '../src/failure/closest-name.js'
import { parseParams, suggestParams, withTarget } from '../src/operation/operation-request.js'
import { schemaProperties } from '../src/operation/schema-properties.js'

const params = {
  type: 'object',
  required: ['to'],
  properties: {
    to: { anyOf: [{ const: 'png' }, { const: 'webp' }], description: 'What it becomes' },
    level: { type: 'integer', minimum: 1, maximum: 9, default: 6 },
    note: { type: 'string' },
  },
}
const convert = { name: 'convert', version: '1', summary: '', streaming: false, params }
const copy = { ...convert, name: 'copy', params: { type: 'object', properties: {} } }

describe('what was probably meant', () => {
  test.each([
    ['convrt', 'convert'],
    ['gizp', 'gzip'],
    ['conv', 'convert'],
    ['COPY', 'copy'],
    ['zzz', undefined],
    ['x', undefined],
  ])('by %s is %s', (typed, meant) => {
    expect(closestName(typed, ['convert', 'copy', 'gzip', 'gunzip'])).toBe(meant)
  })

  test('by a parameter is another parameter or one of its values', () => {
    expect(suggestParams({ lvel: 3 }, convert)).toBe('Did you mean "level"?')
    expect(suggestParams({ to: 'wepb' }, convert)).toBe('Did you mean "webp"?')
    expect(suggestParams({ to: 'webp', level: 99 }, convert)).toBeUndefined()
  })
})

describe('parameters', () => {
  test('are JSON where they parse as JSON, and texts where the operation takes nothing else', () => {
    expect(parseParams(['page=1', 'to=png', 'note="1"', 'x=a=b'])).toEqual({
      page: 1,
      to: 'png',
      note: '1',
      x: 'a=b',
    })
    expect(parseParams(['note=30', 'other={"a":1}', 'page=1'], { params })).toEqual({
      note: '30',
      other: { a: 1 },
      page: 1,
    })
    expect(parseParams(['note=1.0=x', 'note2=1'], { params })).toEqual({ note: '1.0=x', note2: 1 })
    expect(parseParams(['note="30"'], { params })).toEqual({ note: '30' })
    expect(() => parseParams(['page'])).toThrow(/name=value/)
    expect(() => parseParams(['a=1', 'a=2'])).toThrow(/twice/)
  })

  test('`to` comes from the extension of the output, where the operation has it and it was not given', () => {
    expect(withTarget({}, convert, 'x/photo.WEBP')).toEqual({ to: 'webp' })
    expect(withTarget({ to: 'png' }, convert, 'photo.webp')).toEqual({ to: 'png' })
    expect(withTarget({}, copy, 'photo.webp')).toEqual({})
    expect(withTarget({}, convert, 'photo')).toEqual({})
    expect(withTarget({}, convert, undefined)).toEqual({})
  })

  test('are shown as their schema describes them', () => {
    const properties = schemaProperties(params)
    expect(properties.get('to')).toMatchObject({
      isRequired: true,
      type: 'png | webp',
      choices: ['png', 'webp'],
    })
    expect(properties.get('level')).toMatchObject({ isRequired: false, type: 'integer 1 to 9', default: 6 })
    expect(schemaProperties(undefined).size).toBe(0)
    expect(schemaProperties({ properties: [] }).size).toBe(0)
  })
})

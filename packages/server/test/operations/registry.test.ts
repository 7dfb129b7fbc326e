import type { Params } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { defineOperation } from '../../src/operations/operation.js'
import { OperationRegistry } from '../../src/operations/registry.js'

const fit = defineOperation({
  name: 'fit',
  version: '1',
  summary: 'Fits into a frame',
  params: {
    type: 'object',
    properties: {
      width: { type: 'integer' },
      height: { type: 'integer' },
      label: { type: 'string' },
      fit: { enum: ['cover', 'contain'] },
      frames: {
        anyOf: [
          { type: 'string', pattern: '^\\d+-\\d+$', description: 'a range such as 1-3' },
          { type: 'integer', minimum: 1 },
        ],
      },
    },
    additionalProperties: false,
    anyOf: [{ required: ['width'] }, { required: ['height'] }],
  },
  streaming: false,
  run: async () => ({}),
})

const check = (params: Params) => () => new OperationRegistry([fit]).require('fit').checkParams(params)

test.each<[Params, string]>([
  [{}, 'the parameter "width" is missing, or the parameter "height" is missing'],
  [{ width: 'x' }, '"width" must be integer'],
  [{ width: 1, label: 500 }, '"label" must be string, and 500 is none: in quotes it is, label="500"'],
  [{ width: 1, fit: 'crop' }, '"fit" is one of cover, contain, not "crop"'],
  [{ width: 1, fit: 'covre' }, '"fit" is one of cover, contain, not "covre" (did you mean "cover"?)'],
  [{ width: 1, fit: 3 }, '"fit" is one of cover, contain'],
  [{ width: 1, frames: 0 }, '"frames" must be >= 1'],
  [{ width: 1, frames: '1-' }, '"frames" is a range such as 1-3, not "1-"'],
  [
    { width: 1, frames: 1.5 },
    '"frames" must be string, and 1.5 is none: in quotes it is, frames="1.5", or "frames" must be integer',
  ],
  [{ widht: 1, width: 2 }, 'there is no parameter "widht" (did you mean "width"?)'],
])('what is wrong with %j is said once and in words', (params, reason) => {
  expect(check(params)).toThrow(`"fit" does not take these parameters: ${reason}`)
})

test('one of several alternatives is enough', () => {
  expect(check({ height: 2 })()).toEqual({ height: 2 })
})

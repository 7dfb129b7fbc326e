import { createGunzip } from 'node:zlib'
import * as Type from 'typebox'
import { expand } from './expand.js'
import { defineOperation } from './operation.js'

/** Expands a gzip source, of one member or several. */
export const gunzip = defineOperation({
  name: 'gunzip',
  version: '1',
  summary: 'Expands a gzip source',
  params: Type.Object({}, { additionalProperties: false }),
  streaming: true,
  run: async context => {
    const damage = /^Z_(DATA|BUF)_ERROR$/
    await expand(context, { what: 'gzip file', unpacking: createGunzip(), damage, mayBePadded: true })
    return {}
  },
})

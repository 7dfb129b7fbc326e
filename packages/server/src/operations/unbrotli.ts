import { createBrotliDecompress } from 'node:zlib'
import * as Type from 'typebox'
import { expand } from './expand.js'
import { defineOperation } from './operation.js'

/** Expands a Brotli source. */
export const unbrotli = defineOperation({
  name: 'unbrotli',
  version: '1',
  summary: 'Expands a Brotli source',
  params: Type.Object({}, { additionalProperties: false }),
  streaming: true,
  run: async context => {
    const damage = /^(Z_BUF_ERROR|ERR__ERROR_FORMAT_\w+)$/
    await expand(context, { what: 'Brotli file', unpacking: createBrotliDecompress(), damage })
    return {}
  },
})

import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import * as Type from 'typebox'
import { defineOperation } from './operation.js'
import { OperationError } from './operation-error.js'

/** Expands a gzip source. */
export const gunzip = defineOperation({
  name: 'gunzip',
  version: '1',
  summary: 'Expands a gzip source',
  params: Type.Object({}, { additionalProperties: false }),
  streaming: true,
  run: async ({ input, output, signal }) => {
    try {
      await pipeline(input.stream(), createGunzip(), output, { signal })
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      // zlib's own codes speak of the bytes; everything else is an accident.
      if (/^Z_(DATA|BUF)_ERROR$/.test(code ?? '')) {
        throw new OperationError(`The source is not a whole gzip file: ${message}.`, { cause: error })
      }
      throw error
    }
    return {}
  },
})

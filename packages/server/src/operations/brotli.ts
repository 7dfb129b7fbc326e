import { pipeline } from 'node:stream/promises'
import { constants, createBrotliCompress } from 'node:zlib'
import * as Type from 'typebox'
import { defineOperation } from './operation.js'

/** Compresses the source with Brotli: smaller than gzip, and slower at high qualities. */
export const brotli = defineOperation({
  name: 'brotli',
  version: '1',
  summary: 'Compresses the source with Brotli',
  params: Type.Object(
    {
      quality: Type.Integer({
        minimum: 0,
        maximum: 11,
        default: 5,
        description: 'From 0, the fastest, to 11, the smallest',
      }),
    },
    { additionalProperties: false },
  ),
  streaming: true,
  // The result is hardly larger than its source, which the server has accepted.
  limits: { outputBytes: Number.POSITIVE_INFINITY },
  run: async ({ input, output, params, signal }) => {
    const packing = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: params.quality } })
    await pipeline(input.stream(), packing, output, { signal })
    return { type: 'application/x-brotli', name: 'result.br' }
  },
})

import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import * as Type from 'typebox'
import { defineOperation } from './operation.js'

/** Compresses the source. The header carries neither name nor time: the same source gives the same bytes. */
export const gzip = defineOperation({
  name: 'gzip',
  version: '1',
  summary: 'Compresses the source with gzip',
  params: Type.Object(
    {
      level: Type.Integer({
        minimum: 1,
        maximum: 9,
        default: 6,
        description: 'From 1, the fastest, to 9, the smallest',
      }),
    },
    { additionalProperties: false },
  ),
  streaming: true,
  // The result is hardly larger than its source, which the server has accepted.
  limits: { outputBytes: Number.POSITIVE_INFINITY },
  run: async ({ input, output, params, signal }) => {
    await pipeline(input.stream(), createGzip({ level: params.level }), output, { signal })
    return { type: 'application/gzip', name: 'result.gz' }
  },
})

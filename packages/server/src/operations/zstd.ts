import { pipeline } from 'node:stream/promises'
import * as Type from 'typebox'
import { requireZstd, ZSTD_PARAMS } from './node-zstd.js'
import { defineOperation } from './operation.js'

/** Compresses the source with Zstandard: faster than gzip, and smaller. */
export const zstd = defineOperation({
  name: 'zstd',
  version: '1',
  summary: 'Compresses the source with Zstandard',
  params: Type.Object(
    {
      level: Type.Integer({
        minimum: 1,
        maximum: 19,
        default: 3,
        description: 'From 1, the fastest, to 19, the smallest',
      }),
    },
    { additionalProperties: false },
  ),
  streaming: true,
  // The result is hardly larger than its source, which the server has accepted.
  limits: { outputBytes: Number.POSITIVE_INFINITY },
  run: async ({ input, output, params, signal }) => {
    // With a checksum, as the command of this name writes it: who expands it sees damage.
    const packing = requireZstd().createZstdCompress({
      params: { [ZSTD_PARAMS.level]: params.level, [ZSTD_PARAMS.checksum]: 1 },
    })
    await pipeline(input.stream(), packing, output, { signal })
    return { type: 'application/zstd', name: 'result.zst' }
  },
})

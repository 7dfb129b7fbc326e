import { pipeline } from 'node:stream/promises'
import * as Type from 'typebox'
import { defineOperation } from './operation.js'

/** Gives the source back as it is. */
export const copy = defineOperation({
  name: 'copy',
  version: '1',
  summary: 'Gives the source back as it is',
  params: Type.Object({}, { additionalProperties: false }),
  streaming: true,
  // The result is hardly larger than its source, which the server has accepted.
  limits: { outputBytes: Number.POSITIVE_INFINITY },
  run: async ({ input, output, signal }) => {
    await pipeline(input.stream(), output, { signal })
    return {}
  },
})

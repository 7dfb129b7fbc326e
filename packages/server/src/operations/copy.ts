import { pipeline } from 'node:stream/promises'
import Type from 'typebox'
import { defineOperation } from './operation.js'

/** Gives the source back as it is. */
export const copy = defineOperation({
  name: 'copy',
  version: '1',
  summary: 'Gives the source back as it is',
  params: Type.Object({}, { additionalProperties: false }),
  streaming: true,
  run: async ({ input, output, signal }) => {
    await pipeline(input.stream(), output, { signal })
    return {}
  },
})

import { startServer } from '@opcache/server'

/** The upload is what is measured, so there is nothing to do after it. */
const nothing = {
  name: 'nothing',
  version: '1',
  summary: 'Gives an empty result',
  params: { type: 'object', additionalProperties: false },
  streaming: false,
  run: async () => ({}),
}

const server = await startServer({ storage: { folder: process.argv[2] }, port: 0, operations: [nothing] })
console.log(server.url)

import { fileURLToPath } from 'node:url'
import { startServer } from '@opcache/server'

/** Keeps a processor busy until the attempt is ended. */
const burn = {
  name: 'burn',
  version: '1',
  summary: 'Keeps a processor busy',
  params: { type: 'object' },
  streaming: false,
  module: fileURLToPath(new URL('burn.mjs', import.meta.url)),
}

const server = await startServer({
  storage: { folder: process.argv[2] },
  port: 0,
  operations: [burn],
  concurrency: 4,
})
console.log(server.url)

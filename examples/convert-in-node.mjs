// Converts a picture from a Node program: node examples/convert-in-node.mjs http://127.0.0.1:7077
import { fileURLToPath } from 'node:url'
import { Opcache } from '@opcache/sdk'

const cache = new Opcache({ server: process.argv[2] ?? 'http://127.0.0.1:7077' })
const source = fileURLToPath(new URL('files/landscape.jpg', import.meta.url))

const result = await cache.run(
  source,
  { name: 'convert', params: { to: 'webp' } },
  { onProgress: event => process.stderr.write(`${event.phase}\n`) },
)

const bytes = await result.bytes()
console.log(
  JSON.stringify({ served: result.served, uploadedBytes: result.uploadedBytes, resultBytes: bytes.length }),
)

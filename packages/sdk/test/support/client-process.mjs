// A client in a process of its own, so that it can be killed: node client-process.mjs <server> <source> <output>
import { Opcache } from '@opcache/sdk'

const [server, source, output] = process.argv.slice(2)
const cache = new Opcache({ server, concurrency: 4, idleTimeoutMs: 3000 })
const { uploadedBytes } = await cache.run(source, 'copy', { output, force: true })
process.send({ uploadedBytes })
cache.close()
process.disconnect()

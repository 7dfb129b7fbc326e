// One connection beside sixteen, on a line of 50 ms each way that carries 4 MB/s on each connection.
import { join } from 'node:path'
import { startFaultProxy } from '@opcache/server-mock'
import { inTurns, report } from './measure.mjs'
import { openScratch, writeRandom } from './scratch.mjs'
import { startScript } from './start-script.mjs'
import { uploadContent } from './upload-content.mjs'

const sizeBytes = Number(process.argv[2] ?? 128) << 20
const rounds = Number(process.argv[3] ?? 3)
const scratch = await openScratch()
const file = join(scratch.folder, 'source')
const server = await startScript('servers/opcache.mjs', join(scratch.folder, 'opcache'))
const proxy = await startFaultProxy(server.url, { latencyMs: 50, bytesPerSecond: 4_000_000 })
const upload = concurrency => () => uploadContent(file, 'nothing', { server: proxy.url, concurrency })
try {
  const tasks = {
    '16 connections': upload(16),
    '1 to 16 connections, adapting': upload(undefined),
    '1 connection': upload(1),
  }
  const seconds = await inTurns(rounds, tasks, { beforeTask: () => writeRandom(file, sizeBytes) })
  report(seconds, '16 connections', sizeBytes)
} finally {
  await proxy.close()
  await server.stop()
  await scratch.close()
}

// How long a GET of a hit takes while four attempts keep processors busy, beside an idle server, in turns: the
// medians of the 99th percentiles.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Opcache } from '@opcache/sdk'
import { median } from './measure.mjs'

const REQUESTS = 1000

const turns = Number(process.argv[2] ?? 5)

const folder = await mkdtemp(join(tmpdir(), 'opcache-bench-'))
const script = fileURLToPath(new URL('servers/busy.mjs', import.meta.url))
const child = spawn(process.execPath, [script, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
const url = String(await new Promise(resolve => child.stdout.once('data', resolve))).trim()
const cache = new Opcache({ server: url })

/** The 99th percentile of `REQUESTS` requests one after the other, in milliseconds. */
async function p99(path) {
  const times = []
  for (let index = 0; index < REQUESTS; index++) {
    const start = performance.now()
    await (await fetch(url + path)).arrayBuffer()
    times.push(performance.now() - start)
  }
  return times.sort((a, b) => a - b)[Math.floor(REQUESTS * 0.99)]
}

try {
  const { key } = await cache.run(Buffer.from('a hit'), 'copy')
  const path = `/v1/entries/${key}/result`
  await p99(path)
  const idle = []
  const busy = []
  for (let turn = 0; turn < turns; turn++) {
    idle.push(await p99(path))
    const keys = []
    for (let index = 0; index < 4; index++) {
      const identified = await cache.identify(Buffer.from(`burnt ${turn} ${index}`))
      const opened = await cache.open(identified, 'burn')
      await cache.upload(opened)
      keys.push(opened.key)
    }
    await sleep(2000)
    busy.push(await p99(path))
    for (const busyKey of keys) await cache.delete(busyKey)
    await sleep(1000)
  }
  const ratio = median(busy.map((each, turn) => each / idle[turn]))
  console.log(
    `p99 idle ${median(idle).toFixed(2)} ms, with four busy attempts ${median(busy).toFixed(2)} ms: ${ratio.toFixed(2)} times`,
  )
} finally {
  child.kill()
  await rm(folder, { recursive: true, force: true })
}

// An upload of a file that the server does not have, every block verified and stored, beside a plain PUT of the same
// file to a server that writes it down and verifies nothing. Both servers are processes of their own.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { Opcache } from '@opcache/sdk'
import { inTurns, report } from './measure.mjs'

const sizeBytes = Number(process.argv[2] ?? 1024) << 20
const folder = await mkdtemp(join(tmpdir(), 'opcache-bench-'))
const file = join(folder, 'source')

/** Other bytes every time, so that nothing is a hit. */
async function makeFile() {
  const handle = await open(file, 'w')
  const block = randomBytes(1 << 20)
  for (let index = 0; index < sizeBytes >> 20; index++) {
    block.writeUInt32LE(index)
    await handle.write(block)
  }
  await handle.close()
}

/** Starts a server of `servers/` and answers its address. */
function start(name) {
  const script = fileURLToPath(new URL(`servers/${name}.mjs`, import.meta.url))
  const child = spawn(process.execPath, [script, join(folder, name)], { stdio: ['pipe', 'pipe', 'inherit'] })
  return new Promise(resolve => {
    child.stdout.once('data', url => resolve({ url: String(url).trim(), stop: () => child.kill() }))
  })
}

async function put(url) {
  await new Promise((resolve, reject) => {
    const sending = request(url, { method: 'PUT', headers: { 'content-length': sizeBytes } }, answer => {
      answer.resume().on('end', resolve)
    }).on('error', reject)
    pipeline(createReadStream(file), sending).catch(reject)
  })
}

const plain = await start('plain')
const opcache = await start('opcache')
const cache = new Opcache({ server: opcache.url })
try {
  const seconds = await inTurns(5, {
    'making the file (not counted)': makeFile,
    'plain PUT, nothing verified': () => put(plain.url),
    'hash and verified upload': async () => {
      const identified = await cache.identify(file)
      const opened = await cache.open(identified, 'copy')
      await cache.upload(opened)
    },
  })
  report(seconds, 'plain PUT, nothing verified', sizeBytes)
} finally {
  plain.stop()
  opcache.stop()
  await rm(folder, { recursive: true })
}

// Kills clients and servers at random points while files are run through `copy`, and counts what was lost or damaged:
// node scripts/soak.mjs [minutes]. Uses the built packages.
import { fork } from 'node:child_process'
import { createCipheriv, randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const SUPPORT = new URL('../packages/sdk/test/support/', import.meta.url)
const MIB = 2 ** 20
const LARGEST_BLOCKS = 48

/** Soaks for so many minutes; answers what was counted. */
export async function soak(minutes) {
  const { startFaultProxy } = await import(
    new URL('../packages/server-mock/dist/index.js', import.meta.url).href
  )
  const folder = await mkdtemp(join(tmpdir(), 'opcache-soak-'))
  const counts = {
    runs: 0,
    serverKills: 0,
    clientKills: 0,
    lost: 0,
    corrupt: 0,
    leftFiles: 0,
    sourceBlocks: 0,
    sentBlocks: 0,
  }
  const state = { folder, counts, server: await startServer(folder), proxy: undefined }
  // Slow enough for kills to meet transfers, and not only the start of a process.
  state.proxy = await startFaultProxy(state.server.url, { bytesPerSecond: 6 * MIB })
  const endsAt = Date.now() + minutes * 60_000
  try {
    while (Date.now() < endsAt) await oneRun(state)
  } finally {
    await kill(state.server.child)
    await state.proxy.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { ...counts, blocksSentMoreThanNecessary: Math.max(0, counts.sentBlocks - counts.sourceBlocks) }
}

/** One file, whose client and server are killed a few times before it is left in peace. */
async function oneRun(state) {
  const { folder, counts, proxy } = state
  const bytes = noise(randomInt(1, LARGEST_BLOCKS * MIB))
  const work = await mkdtemp(join(folder, 'run-'))
  const [source, output] = [join(work, 'source'), join(work, 'output')]
  await writeFile(source, bytes)
  const before = proxy.bytes('up')
  let kills = randomInt(0, 4)
  let isDone = false
  for (let attempts = 0; !isDone && attempts < 20; attempts++) {
    const client = spawn('client-process.mjs', [proxy.url, source, output])
    const exited = once(client, 'exit')
    for (; kills > 0 && client.exitCode === null; kills--) {
      await Promise.race([exited, sleep(randomInt(20, 2500))])
      if (client.exitCode !== null) break
      if (randomInt(2) === 0) {
        client.kill('SIGKILL')
        counts.clientKills += 1
        kills -= 1
        break
      }
      await kill(state.server.child)
      counts.serverKills += 1
      state.server = await startServer(folder)
      proxy.target(state.server.url)
    }
    const [status] = await exited
    isDone = status === 0
  }
  counts.runs += 1
  counts.sourceBlocks += Math.ceil(bytes.length / MIB)
  counts.sentBlocks += Math.ceil((proxy.bytes('up') - before) / MIB)
  const result = isDone ? await readFile(output).catch(() => undefined) : undefined
  if (!result) counts.lost += 1
  else if (!result.equals(bytes)) counts.corrupt += 1
  counts.leftFiles += (await readdir(work)).length - (result ? 2 : 1)
  await rm(work, { recursive: true, force: true })
}

async function startServer(folder) {
  const child = spawn('server-process.mjs', [join(folder, 'data'), '0'])
  const [{ url }] = await once(child, 'message')
  return { child, url }
}

function spawn(script, args) {
  return fork(fileURLToPath(new URL(script, SUPPORT)), args, { execArgv: [] })
}

async function kill(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function noise(length) {
  return createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16)).update(Buffer.alloc(length))
}

const isMain = process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href
if (isMain) {
  const counts = await soak(Number(process.argv[2] ?? 10))
  console.log(JSON.stringify(counts, null, 2))
  process.exitCode = counts.lost + counts.corrupt === 0 ? 0 : 1
}

// Kills clients and servers in the middle of their transfers while files are run through `copy`, and counts what was
// lost, damaged, left behind or sent in vain: node scripts/soak.mjs [minutes]. Uses the built packages.
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
const LARGEST_BLOCKS = 32
const MOST_KILLS = 8

/** Servers that are soaked at a time, each with a folder and a client of its own. */
const LANES = 3

/** What a transfer is doing when somebody is killed, in order. */
const PHASES = ['upload', 'operation', 'download']

/** Of each of the client's four connections: a block that is coming, one that is stored, and the buffers of the way. */
export const BLOCKS_IN_FLIGHT = 4 * 3

/** Soaks for so many minutes; answers what was counted. */
export async function soak(minutes) {
  const { startFaultProxy } = await import(
    new URL('../packages/server-mock/dist/index.js', import.meta.url).href
  )
  const counts = {
    runs: 0,
    kills: {
      client: { upload: 0, operation: 0, download: 0 },
      server: { upload: 0, operation: 0, download: 0 },
    },
    lost: 0,
    corrupt: 0,
    leftFiles: 0,
    sourceBlocks: 0,
    blocksSentMoreThanNecessary: 0,
    blocksFetchedMoreThanNecessary: 0,
    /** Of the run that exceeded it most: blocks sent in vain beyond those that its kills met in flight. */
    worstExcessBlocks: 0,
  }
  const endsAt = Date.now() + minutes * 60_000
  await Promise.all(Array.from({ length: LANES }, () => soakLane(counts, startFaultProxy, endsAt)))
  return { ...counts, killsInAll: killsOf(counts) }
}

async function soakLane(counts, startFaultProxy, endsAt) {
  const folder = await mkdtemp(join(tmpdir(), 'opcache-soak-'))
  const state = { folder, counts, server: await startServer(folder), proxy: undefined }
  // Slow enough for kills to meet transfers.
  state.proxy = await startFaultProxy(state.server.url, { bytesPerSecond: 8 * MIB })
  try {
    // Once at least, however slow the machine is.
    do await oneRun(state)
    while (Date.now() < endsAt)
  } finally {
    await kill(state.server.child)
    await state.proxy.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** One file, whose client and server are killed a few times before it is left in peace. */
async function oneRun(state) {
  const { folder, counts, proxy } = state
  const bytes = noise(randomInt(1, LARGEST_BLOCKS * MIB))
  const work = await mkdtemp(join(folder, 'run-'))
  const run = {
    args: [proxy.url, join(work, 'source'), join(work, 'output')],
    before: { up: proxy.bytes('up'), down: proxy.bytes('down') },
    kills: plannedKills(bytes.length),
  }
  await writeFile(run.args[1], bytes)
  const { length: kills } = run.kills
  let isDone = false
  for (let starts = 0; !isDone && starts < MOST_KILLS + 5; starts++) isDone = await runClient(state, run)
  counts.runs += 1
  countTransfers(counts, proxy, run, bytes.length, kills - run.kills.length)
  const result = isDone ? await readFile(run.args[2]).catch(() => undefined) : undefined
  if (!result) counts.lost += 1
  else if (!result.equals(bytes)) counts.corrupt += 1
  counts.leftFiles += (await readdir(work)).length - (result ? 2 : 1)
  await rm(work, { recursive: true, force: true })
}

/** Who is killed in which phase, and after how many of its bytes. */
function plannedKills(sizeBytes) {
  return Array.from({ length: randomInt(1, MOST_KILLS + 1) }, () => {
    const who = randomInt(2) === 0 ? 'client' : 'server'
    const phase = PHASES[randomInt(PHASES.length)]
    // The operation runs as soon as all of the source has come.
    return { who, phase, afterBytes: phase === 'operation' ? sizeBytes : randomInt(sizeBytes) }
  }).sort((a, b) => PHASES.indexOf(a.phase) - PHASES.indexOf(b.phase) || a.afterBytes - b.afterBytes)
}

/** Runs a client until it ends or is killed; answers whether it has come to its end. */
async function runClient(state, run) {
  const { folder, counts, proxy } = state
  const client = spawn('client-process.mjs', run.args)
  const exited = once(client, 'exit')
  const isRunning = () => client.exitCode === null && client.signalCode === null
  while (isRunning() && run.kills.length > 0) {
    const { who, phase, afterBytes } = run.kills[0]
    const direction = phase === 'download' ? 'down' : 'up'
    while (isRunning() && proxy.bytes(direction) - run.before[direction] <= afterBytes) await sleep(2)
    if (!isRunning()) break
    run.kills.shift()
    counts.kills[who][phase] += 1
    if (who === 'client') {
      client.kill('SIGKILL')
      break
    }
    await kill(state.server.child)
    state.server = await startServer(folder)
    proxy.target(state.server.url)
  }
  const [status] = await exited
  return status === 0
}

function countTransfers(counts, proxy, { before }, sizeBytes, kills) {
  const overhead = direction =>
    Math.max(0, Math.round((proxy.bytes(direction) - before[direction] - sizeBytes) / MIB))
  counts.sourceBlocks += Math.ceil(sizeBytes / MIB)
  counts.blocksSentMoreThanNecessary += overhead('up')
  counts.blocksFetchedMoreThanNecessary += overhead('down')
  counts.worstExcessBlocks = Math.max(counts.worstExcessBlocks, overhead('up') - kills * BLOCKS_IN_FLIGHT)
}

function killsOf({ kills }) {
  return Object.values(kills)
    .flatMap(phases => Object.values(phases))
    .reduce((sum, count) => sum + count)
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

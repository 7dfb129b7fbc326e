// Has many clients wait for one entry, and measures how far apart they wake and what that takes of the server, which is
// the built command in a process of its own: node scripts/waiters.mjs [clients]. Fails beyond the aims.
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { peakMib } from '../bench/peak.mjs'

const COMMAND = fileURLToPath(new URL('../packages/cli/dist/main.cjs', import.meta.url))
const CLIENTS = fileURLToPath(new URL('waiting-clients.mjs', import.meta.url))

/** The most that is aimed at, for ten thousand. */
const AIMS = { spreadMs: 1_000, peakMib: 300 }

/** Has so many clients wait; answers how many were woken, within which time, and the most memory that the server held. */
export async function waiters(clients) {
  const folder = await mkdtemp(join(tmpdir(), 'opcache-waiters-'))
  const release = join(folder, 'release')
  await writeFile(join(folder, 'opcache.config.mjs'), configuration(release))
  const args = [COMMAND, 'serve', '--quiet', '--port', '0', '--data', join(folder, 'data')]
  const server = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const url = String((await once(server.stdout, 'data'))[0]).trim()
    const run = await fetch(`${url}/v1/run/held`, {
      method: 'POST',
      body: 'x',
      headers: { prefer: 'wait=0' },
    })
    const { key } = await run.json()
    const child = fork(CLIENTS, [url, key, String(clients)])
    await once(child, 'message')

    // By the server's own count all of them wait.
    while (!(await (await fetch(`${url}/metrics`)).text()).includes(`\nopcache_waits ${clients}\n`)) {
      await sleep(50)
    }
    const [[{ wokenAt }]] = await Promise.all([once(child, 'message'), writeFile(release, '')])
    const times = wokenAt.filter(time => time !== null).sort((a, b) => a - b)
    return {
      clients,
      woken: times.length,
      spreadMs: Math.round(times.at(-1) - times[0]),
      peakMib: await peakMib(server.pid),
    }
  } finally {
    server.kill('SIGKILL')
    await once(server, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

/** An operation that ends when there is a file. */
function configuration(release) {
  return `import { existsSync } from 'node:fs'
export default { operations: [{
  name: 'held', version: '1', summary: 'Ends when it is told to', params: { type: 'object' }, streaming: false,
  run: async ({ output }) => {
    while (!existsSync(${JSON.stringify(release)})) await new Promise(done => setTimeout(done, 20))
    output.write('done')
    return {}
  },
}] }`
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const measured = await waiters(Number(process.argv[2] ?? 10_000))
  console.log(JSON.stringify(measured, null, 2))
  const isMet =
    measured.woken === measured.clients &&
    measured.spreadMs <= AIMS.spreadMs &&
    measured.peakMib <= AIMS.peakMib
  if (!isMet) process.exitCode = 1
}

// What a command costs before it does anything, beside a Node that does nothing: the version, help, and an upload of
// 10 kB whose result a running server has.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inTurns, median } from './measure.mjs'

const main = fileURLToPath(new URL('../packages/cli/dist/main.cjs', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'opcache-bench-'))
// Nothing else: NODE_EXTRA_CA_CERTS, for one, would make the Node that does nothing slow, and all ratios look good.
const env = { PATH: process.env.PATH, HOME: folder, TMPDIR: folder }

/** Runs Node until it ends well. */
function node(...args) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('exit', status =>
      status === 0 ? resolve() : reject(new Error(`${args} ended with ${status}`)),
    )
  })
}

const server = spawn(
  process.execPath,
  [main, 'serve', '--quiet', '--port', '0', '--data', join(folder, 'data')],
  {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
)
const url = await new Promise(resolve => server.stdout.once('data', line => resolve(String(line).trim())))
try {
  await writeFile(join(folder, 'small'), randomBytes(10_000))
  const hit = () => node(main, '--server', url, 'upload', 'small', '--op', 'copy', '--force', '--quiet')
  await hit()
  const seconds = await inTurns(21, {
    'node -e 0': () => node('-e', '0'),
    'opcache --version': () => node(main, '--version'),
    'opcache --help': () => node(main, '--help'),
    'opcache upload, a hit': hit,
  })
  const nothing = median(seconds['node -e 0'])
  for (const [name, all] of Object.entries(seconds)) {
    console.log(`${name.padEnd(32)} ${(median(all) / nothing).toFixed(2)} x node -e 0`)
  }
} finally {
  server.kill()
  await new Promise(resolve => server.once('exit', resolve))
  await rm(folder, { recursive: true })
}

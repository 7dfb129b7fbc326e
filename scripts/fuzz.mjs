// Sends requests of all kinds to a server, and tells how it answered and what it held before and after:
// node scripts/fuzz.mjs [requests] [seed]. It is the test of the fuzz, with more of them. Uses the built packages.
import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'

const [, , requests = '100000', seed = String(randomInt(2 ** 31))] = process.argv

const child = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/server/test/fuzz'],
  {
    stdio: 'inherit',
    env: { ...process.env, FUZZ_REQUESTS: requests, FUZZ_SEED: seed },
  },
)
child.once('exit', status => {
  process.exitCode = status ?? 1
})

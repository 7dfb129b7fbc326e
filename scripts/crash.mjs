// Kills a server at every step of every change of its store, and looks at what the next one finds:
// node scripts/crash.mjs. It is the test of the crash points, with all of them. Uses the built packages.
import { spawn } from 'node:child_process'

const child = spawn(
  process.execPath,
  ['node_modules/vitest/vitest.mjs', 'run', 'packages/server/test/crash'],
  { stdio: 'inherit', env: { ...process.env, CRASH_POINTS: 'all' } },
)
child.once('exit', status => {
  process.exitCode = status ?? 1
})

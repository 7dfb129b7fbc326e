#!/usr/bin/env node
import nodeModule from 'node:module'
import packageJson from '../package.json' with { type: 'json' }

const [first, ...others] = process.argv.slice(2)
// The question that scripts ask most needs nothing of the program.
if (others.length === 0 && (first === '--version' || first === '-V')) {
  // The status of a full output; a reader that left, as `head` does, is no failure.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    process.exitCode = error.code === 'EPIPE' ? 0 : 7
  })
  process.stdout.write(`${packageJson.version}\n`)
} else {
  // Node 22 and later keep compiled code; Node 20 has no such thing.
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => void }
  if (enableCompileCache) enableCompileCache((await import('./settings/folders.js')).compiledFolder())
  const { runProgram } = await import('./program/run-program.js')
  await runProgram(packageJson.version)
}

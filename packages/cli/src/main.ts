#!/usr/bin/env node
import nodeModule from 'node:module'
import packageJson from '../package.json' with { type: 'json' }

async function main(): Promise<void> {
  const [first, ...others] = process.argv.slice(2)
  // The question that scripts ask most needs nothing of the program.
  if (others.length === 0 && (first === '--version' || first === '-V')) {
    process.stdout.once('error', async error =>
      (await import('./program/run-program.js')).endProgram(0, error),
    )
    process.stdout.write(`${packageJson.version}\n`)
    return
  }
  // Node 22 and later keep compiled code; Node 20 has no such thing.
  const { enableCompileCache } = nodeModule as { enableCompileCache?: (folder: string) => void }
  if (enableCompileCache) enableCompileCache((await import('./settings/folders.js')).compiledFolder())
  const { runProgram } = await import('./program/run-program.js')
  await runProgram(packageJson.version)
}

void main()

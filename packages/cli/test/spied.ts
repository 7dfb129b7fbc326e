import type { CommandOptions, Ended, Sandbox } from './sandbox.js'

/** What a command did before it ended. */
export interface Spied {
  readonly ended: Ended
  /** The names of the modules that it loaded, as they were asked for; its own start is left out. */
  readonly loaded: string[]
  /** The files that it brought to their place at once. */
  readonly renamed: string[]
}

const SPY = `const fs = require('node:fs')
const Module = require('node:module')
const { appendFileSync, renameSync } = fs
fs.renameSync = (from, to) => {
  appendFileSync('renamed', to + '\\n')
  renameSync(from, to)
}
const load = Module._load
Module._load = function (name, ...others) {
  appendFileSync('loaded', name + '\\n')
  return load.call(this, name, ...others)
}`

/** Runs the built command, and tells what it loads and writes. */
export async function runSpied(
  sandbox: Sandbox,
  args: readonly string[],
  { env, ...options }: CommandOptions = {},
): Promise<Spied> {
  await sandbox.write('spy.cjs', SPY)
  for (const name of ['loaded', 'renamed']) await sandbox.write(name, '')
  const ended = await sandbox.run(args, { ...options, env: { ...env, NODE_OPTIONS: '--require ./spy.cjs' } })
  const linesOf = async (name: string) =>
    String(await sandbox.read(name))
      .split('\n')
      .slice(0, -1)
  const names = await linesOf('loaded')
  const loaded = names.slice(names.findIndex(name => name.endsWith('main.cjs')) + 1)
  return { ended, loaded, renamed: await linesOf('renamed') }
}

import type { CommandOptions, Ended, Sandbox } from './sandbox.js'

/** What a command did before it ended. */
export interface Spied {
  readonly ended: Ended
  /** The names of the modules that it loaded, as they were imported; its own start is left out. */
  readonly loaded: string[]
  /** The files that it brought to their place at once. */
  readonly renamed: string[]
}

const HOOKS = `import { appendFileSync } from 'node:fs'
export async function resolve(name, context, next) {
  appendFileSync('loaded', name + '\\n')
  return next(name, context)
}`

const SPY = `import fs from 'node:fs'
import { register, syncBuiltinESMExports } from 'node:module'
const { appendFileSync, renameSync } = fs
fs.renameSync = (from, to) => {
  appendFileSync('renamed', to + '\\n')
  renameSync(from, to)
}
syncBuiltinESMExports()
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)}))`

/** Runs the built command, and tells what it loads and writes. */
export async function runSpied(
  sandbox: Sandbox,
  args: readonly string[],
  { env, ...options }: CommandOptions = {},
): Promise<Spied> {
  await sandbox.write('spy.mjs', SPY)
  for (const name of ['loaded', 'renamed']) await sandbox.write(name, '')
  const ended = await sandbox.run(args, { ...options, env: { ...env, NODE_OPTIONS: '--import ./spy.mjs' } })
  const linesOf = async (name: string) =>
    String(await sandbox.read(name))
      .split('\n')
      .slice(0, -1)
  const names = await linesOf('loaded')
  const loaded = names.slice(names.findIndex(name => name.endsWith('main.js')) + 1)
  return { ended, loaded, renamed: await linesOf('renamed') }
}

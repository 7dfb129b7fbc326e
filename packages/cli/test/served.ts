import { once } from 'node:events'
import type { CommandOptions, RunningCommand, Sandbox } from './sandbox.js'

/** A server that runs as a command of its own. */
export interface Served {
  readonly url: string
  readonly command: RunningCommand
}

/** Starts `opcache serve` and waits for its address. */
export async function serve(
  sandbox: Sandbox,
  args: readonly string[] = ['--port', '0'],
  options: CommandOptions = {},
): Promise<Served> {
  const command = sandbox.start(['serve', ...args], options)
  const line = (await Promise.race([
    once(command.process.stdout!, 'data').then(([chunk]) => String(chunk)),
    command.ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ])) as string
  return { url: line.trim(), command }
}

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A server in a process of its own, from the built code. */
export interface ServerProcess {
  readonly url: string
  /** Ends it as a crash would: nothing is said to anybody. */
  kill(): Promise<void>
}

export async function startServerProcess(folder: string): Promise<ServerProcess> {
  const script = fileURLToPath(new URL('server-process.mjs', import.meta.url))
  const child = fork(script, [folder, '0'], { execArgv: [] })
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  onTestFinished(kill)
  const [{ url }] = (await once(child, 'message')) as [{ url: string }]
  return { url, kill }
}

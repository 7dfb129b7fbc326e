import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A built server in a process of its own. */
export class ServerProcess {
  private constructor(
    readonly url: string,
    readonly process: ChildProcess,
  ) {}

  /** Starts one on a folder. Its operation `held` ends once there is no file `hold`. */
  static async start(
    folder: string,
    hold = '/nowhere',
    limits: Record<string, number> = {},
  ): Promise<ServerProcess> {
    const script = fileURLToPath(new URL('../fixtures/server-process.mjs', import.meta.url))
    const child = fork(script, [folder, hold, JSON.stringify(limits)], { execArgv: [] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [url] = await once(child, 'message')
    return new ServerProcess(url, child)
  }

  /** Has it end in peace. */
  async close(): Promise<void> {
    const exited = once(this.process, 'exit')
    this.process.send('close')
    await exited
  }

  /** Ends it as a power switch would. */
  async kill(): Promise<void> {
    const exited = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await exited
  }

  /** The most memory that it ever held, in MiB. */
  async peakMemoryMib(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8')
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
  }
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./fixtures/crashing-server.mjs', import.meta.url))

/** How long what a server does on its own after its last answer may take to come to the point. */
const AFTERMATH_MS = 300

/** Where a server ends: at a call, counted from 1, of a method of a port that changes something. */
export interface CrashPoint {
  /** As `entries.compareAndSet`. */
  readonly method: string
  readonly call: number
  readonly moment: 'before' | 'during' | 'after'
}

/** What a server that crashes is told. */
export interface CrashOptions {
  readonly point?: CrashPoint
  readonly limits: Record<string, number>
  readonly clockAheadMs: number
}

/** A built server in a process of its own, which ends at a point. */
export class CrashingServer {
  readonly #child: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(folder: string, options: CrashOptions) {
    this.#child = fork(SCRIPT, [folder, JSON.stringify(options)], { execArgv: [] })
    this.#exited = once(this.#child, 'exit')
    onTestFinished(() => void this.#child.kill('SIGKILL'))
  }

  /**
   * Starts one, has `act` work with it, and ends it where it has not ended itself. Answers whether it came to its point,
   * and how often it called what.
   */
  static async run(
    folder: string,
    options: CrashOptions,
    act: (url: string) => Promise<void>,
  ): Promise<{ crashed: boolean; calls: Record<string, number> }> {
    const server = new CrashingServer(folder, options)
    const url = await Promise.race([server.#message('url'), server.#exited.then(() => undefined)])
    try {
      // Who waits for something else than an answer would never learn of the end.
      if (url !== undefined) await Promise.race([act(url as string), server.#exited])
    } catch (error) {
      // A server that has ended is why; one that lives has answered something wrong.
      await Promise.race([server.#exited, sleep(AFTERMATH_MS)])
      if (!server.#hasEnded) throw error
    }
    await Promise.race([server.#exited, sleep(AFTERMATH_MS)])
    if (server.#hasEnded) return { crashed: true, calls: {} }
    const calls = server.#message('calls')
    server.#child.send('calls')
    const counted = (await calls) as Record<string, number>
    server.#child.kill('SIGKILL')
    await server.#exited
    return { crashed: false, calls: counted }
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  async #message(member: string): Promise<unknown> {
    const [message] = await once(this.#child, 'message')
    return message[member]
  }
}

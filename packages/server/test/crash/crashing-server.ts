import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const SCRIPT = fileURLToPath(new URL('./fixtures/crashing-server.mjs', import.meta.url))

/** How long a server that ended may take to be seen as such by its parent, however busy the machine is. */
const EXIT_MS = 30_000

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
  /** Whether it is killed when it is done, and not closed. @default false */
  readonly isKilled?: boolean
}

/** A server that something is done with. */
export interface WorkedServer {
  readonly url: string
  /** Compares every stored byte with its id. */
  verify(): Promise<unknown>
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
   * Starts one, has `act` work with it, and closes it where it has not ended itself. Answers whether it came to its point,
   * and how often it called what.
   */
  static async run(
    folder: string,
    options: CrashOptions,
    act: (server: WorkedServer) => Promise<void>,
  ): Promise<{ crashed: boolean; calls: Record<string, number> }> {
    const server = new CrashingServer(folder, options)
    const url = await server.#message('url')
    const verify = () => server.#ask('verify', 'verified')
    try {
      // Who waits for something else than an answer would never learn of the end.
      if (url !== undefined) await Promise.race([act({ url: url as string, verify }), server.#exited])
    } catch (error) {
      // A server that has ended is why; one that lives has answered something wrong.
      await Promise.race([server.#exited, sleep(EXIT_MS)])
      if (!server.#hasCrashed) throw error
    }
    if (options.isKilled) {
      server.#child.kill('SIGKILL')
      await server.#exited
    }
    const calls = server.#hasCrashed ? undefined : await server.#ask('close', 'calls')
    await server.#exited
    return { crashed: server.#hasCrashed, calls: (calls ?? {}) as Record<string, number> }
  }

  get #hasCrashed(): boolean {
    return this.#child.signalCode !== null
  }

  #ask(what: string, member: string): Promise<unknown> {
    const answer = this.#message(member)
    // One that has just ended cannot be told; that it has ended is what is waited for.
    this.#child.send(what, () => undefined)
    return answer
  }

  /** A member of the next message, or undefined where the server ends before it. */
  async #message(member: string): Promise<unknown> {
    const message = once(this.#child, 'message').then(([{ [member]: value }]) => value)
    return Promise.race([message, this.#exited.then(() => undefined)])
  }
}

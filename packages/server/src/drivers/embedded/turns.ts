/**
 * Runs what concerns one thing one after another, and different things at the same time. Threads that write to one file
 * wait for each other in the kernel anyway, most of the time by spinning.
 */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Runs `task` after those that came before it for the same `key`, and answers what it answers. */
  async run(key: string, task: () => Promise<void>): Promise<void> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(task)
    const settled = turn.catch(() => undefined)
    this.#last.set(key, settled)
    try {
      await turn
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key)
    }
  }
}

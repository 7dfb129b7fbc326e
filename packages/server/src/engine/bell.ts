/**
 * Wakes sleepers. Read `rings` before looking at what the bell tells of, then sleep beyond them: a ring in between is not
 * lost.
 */
export class Bell {
  readonly #sleepers = new Set<() => void>()
  #rings = 0

  /** How often it rang. */
  get rings(): number {
    return this.#rings
  }

  /** Wakes everybody who sleeps. */
  ring(): void {
    this.#rings += 1
    for (const wake of [...this.#sleepers]) wake()
  }

  /** Sleeps until it has rung more than `rings` times or `timeoutMs` have passed. @throws the signal's reason */
  sleep(rings: number, timeoutMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        this.#sleepers.delete(end)
        signal.removeEventListener('abort', end)
        if (signal.aborted) reject(signal.reason)
        else resolve()
      }
      // Timers hold 31 bits.
      const timer = setTimeout(end, Math.min(timeoutMs, 2 ** 31 - 1))
      this.#sleepers.add(end)
      signal.addEventListener('abort', end, { once: true })
      if (signal.aborted || this.#rings > rings) end()
    })
  }
}

/** Sleepers that are woken together. */
export class Bell {
  readonly #sleepers = new Set<() => void>()

  /** Wakes everybody who sleeps now. */
  ring(): void {
    for (const wake of this.#sleepers) wake()
  }

  /** Sleeps until the bell rings or `timeoutMs` have passed. @throws the signal's reason */
  sleep(timeoutMs: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer)
        this.#sleepers.delete(end)
        signal?.removeEventListener('abort', end)
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      }
      const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs)
      this.#sleepers.add(end)
      signal?.addEventListener('abort', end)
      if (signal?.aborted) end()
    })
  }
}

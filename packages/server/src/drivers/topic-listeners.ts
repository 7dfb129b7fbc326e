/** The listeners of this process, by topic. */
export class TopicListeners {
  readonly #listeners = new Map<string, Set<() => void>>()

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  /** Adds a listener until the returned function is called. The same function added twice counts twice. */
  add(topic: string, listener: () => void): () => void {
    const own = () => listener()
    const listeners = this.#listeners.get(topic) ?? new Set()
    this.#listeners.set(topic, listeners.add(own))
    return () => {
      listeners.delete(own)
      if (listeners.size === 0 && this.#listeners.get(topic) === listeners) this.#listeners.delete(topic)
    }
  }

  /** Calls the listeners of `topic` soon, never before the caller is done with what it does. */
  wake(topic: string): void {
    const listeners = this.#listeners.get(topic)
    if (listeners) for (const listener of listeners) callSoon(listeners, listener)
  }

  /** Wakes every topic. */
  wakeAll(): void {
    for (const topic of this.#listeners.keys()) this.wake(topic)
  }
}

/** A call of its own for each, so that one that throws does not keep the wake from the others. */
function callSoon(listeners: ReadonlySet<() => void>, listener: () => void): void {
  setImmediate(() => {
    if (listeners.has(listener)) listener()
  })
}

/** The verifications that are under way in this process, by blob. */
export class Verifications {
  readonly #running = new Map<string, Promise<unknown>>()

  /** Begins one, or answers the one that is under way. */
  share<T>(blob: string, verify: () => Promise<T>): Promise<T> {
    // Blobs have names of their own, so what runs for one is what is asked for.
    const running =
      (this.#running.get(blob) as Promise<T> | undefined) ??
      verify().finally(() => this.#running.delete(blob))
    this.#running.set(blob, running)
    return running
  }
}

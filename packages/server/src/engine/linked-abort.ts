/**
 * A signal that follows others until it is released. `AbortSignal.any` would do, but never lets go of a source that
 * lives as long as the server.
 */
export class LinkedAbort {
  readonly #controller = new AbortController()
  readonly #sources: readonly AbortSignal[]
  readonly #follow = (event: Event) => this.abort((event.target as AbortSignal).reason)

  constructor(...sources: readonly AbortSignal[]) {
    this.#sources = sources
    const aborted = sources.find(source => source.aborted)
    if (aborted) this.#controller.abort(aborted.reason)
    else for (const source of sources) source.addEventListener('abort', this.#follow, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: unknown): void {
    this.release()
    this.#controller.abort(reason)
  }

  /** Follows nothing any more. */
  release(): void {
    for (const source of this.#sources) source.removeEventListener('abort', this.#follow)
  }
}

import type { ProgressEvent, ProgressListener } from './progress.js'

/** Tells the listener of one call what it is doing, without repeating itself and without going back. */
export class ProgressReporter {
  readonly #listener: ProgressListener | undefined
  #last = ''
  #sentBytes = 0
  #skippedBytes = 0

  constructor(listener: ProgressListener | undefined) {
    this.#listener = listener
  }

  report(event: ProgressEvent): void {
    const told = event.phase === 'uploading' ? this.#forward(event) : event
    // Several workers wait for the same connection: its attempt is told once.
    const identity = JSON.stringify({ ...told, retryInMs: 0 })
    if (identity === this.#last) return
    this.#last = identity
    this.#listener?.(told)
  }

  #forward(event: ProgressEvent & { phase: 'uploading' }): ProgressEvent {
    this.#sentBytes = Math.max(this.#sentBytes, event.sentBytes)
    this.#skippedBytes = Math.max(this.#skippedBytes, event.skippedBytes)
    return { ...event, sentBytes: this.#sentBytes, skippedBytes: this.#skippedBytes }
  }
}

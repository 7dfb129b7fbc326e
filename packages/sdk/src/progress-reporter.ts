import { clockMs } from './clock.js'
import type { ProgressEvent, ProgressListener } from './progress.js'
import { estimate, nextSpeed, type Speed, unknownSpeed } from './speed.js'

type Moving = ProgressEvent & { phase: 'uploading' | 'downloading' }

/** Tells the listener of one call what it is doing, without repeating itself and without going back. */
export class ProgressReporter {
  readonly #listener: ProgressListener | undefined
  readonly #now: () => number
  #last = ''
  #sentBytes = 0
  #skippedBytes = 0
  #downloadedBytes = 0
  #retryAt = { attempt: 0, seconds: 0 }
  #speed: { phase: Moving['phase']; speed: Speed } | undefined

  constructor(listener: ProgressListener | undefined, now: () => number = clockMs) {
    this.#listener = listener
    this.#now = now
  }

  report(event: ProgressEvent): void {
    if (!this.#listener) return
    if (event.phase === 'waiting-for-connection' && !this.#countsDown(event)) return
    const told = event.phase === 'uploading' || event.phase === 'downloading' ? this.#forward(event) : event
    const identity = JSON.stringify(told)
    if (identity === this.#last) return
    this.#last = identity
    const isMoving = told.phase === 'uploading' || told.phase === 'downloading'
    this.#listener(isMoving ? this.#withSpeed(told) : told)
  }

  /** Several workers wait for the same connection: each second of an attempt is told once. */
  #countsDown({ attempt, retryInMs }: ProgressEvent & { phase: 'waiting-for-connection' }): boolean {
    const seconds = Math.ceil(retryInMs / 1000)
    const isWaiting = this.#last.includes('"waiting-for-connection"')
    const isLater = this.#retryAt.attempt !== attempt || seconds < this.#retryAt.seconds
    if (isWaiting && !isLater) return false
    this.#retryAt = { attempt, seconds }
    return true
  }

  #forward(event: Moving): Moving {
    if (event.phase === 'downloading') {
      this.#downloadedBytes = Math.max(this.#downloadedBytes, event.bytes)
      return { ...event, bytes: this.#downloadedBytes }
    }
    this.#sentBytes = Math.max(this.#sentBytes, event.sentBytes)
    this.#skippedBytes = Math.max(this.#skippedBytes, event.skippedBytes)
    return { ...event, sentBytes: this.#sentBytes, skippedBytes: this.#skippedBytes }
  }

  #withSpeed(event: Moving): Moving {
    const { phase, totalBytes } = event
    const bytes = phase === 'uploading' ? event.sentBytes : event.bytes
    const presentBytes = phase === 'uploading' ? event.skippedBytes + bytes : bytes
    const now = this.#now()
    const isBegun = this.#speed?.phase === phase
    const speed = isBegun && this.#speed ? nextSpeed(this.#speed.speed, now, bytes) : unknownSpeed(now, bytes)
    this.#speed = { phase, speed }
    return { ...event, ...estimate(speed, totalBytes === undefined ? undefined : totalBytes - presentBytes) }
  }
}

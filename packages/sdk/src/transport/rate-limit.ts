import { clockMs } from '../clock.js'
import { Bell } from './bell.js'

/** What is handed out at a time: so much of a second's bytes, so that all connections get their turn. */
const SLICES_PER_SECOND = 16
const SMALLEST_SLICE = 1024
const LARGEST_SLICE = 64 * 1024

/** Bytes that pass at once under a limit. */
export function sliceBytes(bytesPerSecond: number): number {
  return Math.min(LARGEST_SLICE, Math.max(SMALLEST_SLICE, Math.floor(bytesPerSecond / SLICES_PER_SECOND)))
}

/** When `bytes` may pass that come at `now`, and when the line is free again after them. All in milliseconds. */
export function reserve(
  freeAt: number,
  now: number,
  bytes: number,
  bytesPerSecond: number,
): { startAt: number; freeAt: number } {
  const startAt = Math.max(freeAt, now)
  return { startAt, freeAt: startAt + (bytes / bytesPerSecond) * 1000 }
}

/** Holds all bodies of a client, both ways together, to so many bytes a second. */
export class RateLimit {
  readonly #bytesPerSecond: number
  #freeAt = 0

  constructor(bytesPerSecond: number) {
    if (!(bytesPerSecond > 0)) throw new RangeError('limitRate is a number of bytes a second above 0.')
    this.#bytesPerSecond = bytesPerSecond
  }

  /** Bytes to let pass at a time. */
  get sliceBytes(): number {
    return sliceBytes(this.#bytesPerSecond)
  }

  /** Waits for the turn of so many bytes. @throws the signal's reason */
  async pass(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const now = clockMs()
    const { startAt, freeAt } = reserve(this.#freeAt, now, bytes, this.#bytesPerSecond)
    this.#freeAt = freeAt
    if (startAt > now) await new Bell().sleep(startAt - now, signal)
  }
}

import { Transform, type TransformCallback } from 'node:stream'
import type { ProxyLine } from './proxy-fault.js'

/** Bytes that are on the line at a time before the sender has to wait, however long and fast it is. */
const LINE_BYTES = 4 << 20

/** Bytes that wait at the beginning of a line that is slower than its sender. */
const QUEUE_BYTES = 256 << 10

/** Lets bytes through as late and as slowly as a line would. */
export class DelayLine extends Transform {
  readonly #line: () => ProxyLine
  readonly #chunks: Buffer[] = []
  #lastDue = 0
  #onTheWay = 0
  #resume: TransformCallback | undefined
  #flushed: TransformCallback | undefined

  /** `line` is asked at every chunk, so that a line can change while it carries bytes. */
  constructor(line: () => ProxyLine) {
    super()
    this.#line = line
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const { latencyMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.#line()
    const now = performance.now()
    // The line takes one chunk after the other; each then travels for as long as the line is.
    const sent = Math.max(now + latencyMs, this.#lastDue) + (chunk.length / bytesPerSecond) * 1000
    this.#lastDue = sent
    if (sent <= now && this.#onTheWay === 0) {
      done(null, chunk)
      return
    }
    this.#onTheWay += chunk.length
    this.#chunks.push(chunk)
    // Timers of one millisecond may fire in any order, so each brings whichever chunk is the first on the way.
    setTimeout(() => this.#arrive(), sent - now)
    if (this.#onTheWay < lineBytes(latencyMs, bytesPerSecond)) done()
    else this.#resume = done
  }

  override _flush(done: TransformCallback): void {
    if (this.#onTheWay === 0) done()
    else this.#flushed = done
  }

  #arrive(): void {
    const chunk = this.#chunks.shift()
    if (this.destroyed || !chunk) return
    this.push(chunk)
    this.#onTheWay -= chunk.length
    const resume = this.#resume
    this.#resume = undefined
    resume?.()
    if (this.#onTheWay === 0) this.#flushed?.()
  }
}

function lineBytes(latencyMs: number, bytesPerSecond: number): number {
  const travellingBytes = latencyMs === 0 ? 0 : (latencyMs / 1000) * bytesPerSecond
  return Math.min(LINE_BYTES, QUEUE_BYTES + travellingBytes)
}

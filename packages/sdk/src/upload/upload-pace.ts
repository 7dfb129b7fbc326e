import { clockMs } from '../clock.js'
import { isRequestError } from '../errors/request-error.js'
import { Bell } from '../transport/bell.js'
import { ConnectionLost } from '../transport/connection-lost.js'
import { firstPace, nextPace, type Pace, type PaceLimits } from './pace.js'

/** A connection that carries so much (40 MB/s) is not held back by the line. */
const QUICK_BYTES_PER_MS = 40_000

/** Lets as many parts go at a time as the server and the line bear; one for all uploads of a client. */
export class UploadPace {
  readonly limits: PaceLimits
  readonly #left = new Bell()
  #pace: Pace
  #underWay = 0

  constructor(limits: PaceLimits) {
    this.limits = limits
    this.#pace = firstPace(limits)
  }

  /** Parts that may be under way right now. */
  get concurrency(): number {
    return Math.floor(this.#pace.concurrency)
  }

  /** Does `work` once there is room for it. @throws the signal's reason */
  async enter<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    while (this.#underWay >= this.concurrency) await this.#left.sleep(undefined, signal)
    this.#underWay += 1
    try {
      return await work()
    } finally {
      this.#underWay -= 1
      this.#left.ring()
    }
  }

  /** Sends a part by `send`, which answers how many bytes went over the line, and learns from how it went. */
  async observe(send: () => Promise<number>): Promise<void> {
    const { epoch } = this.#pace
    const began = clockMs()
    try {
      const sentBytes = await send()
      const isQuick = sentBytes / (clockMs() - began) > QUICK_BYTES_PER_MS
      this.#pace = nextPace(this.#pace, isQuick ? 'quick' : 'acknowledged', epoch, this.limits)
      this.#left.ring()
    } catch (error) {
      if (isCongestion(error)) this.#pace = nextPace(this.#pace, 'congested', epoch, this.limits)
      throw error
    }
  }
}

/** Whether less at a time might help. */
export function isCongestion(error: unknown): boolean {
  return error instanceof ConnectionLost || (isRequestError(error) && [429, 503].includes(error.status))
}

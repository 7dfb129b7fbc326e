import { OperationError } from '../operations/operation-error.js'

/** Timers hold 31 bits. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** The time that an attempt may take from its start on, which can only be made shorter. */
export class AttemptClock {
  readonly #startedAt = performance.now()
  readonly #onOver: (error: OperationError) => void
  #timeoutMs = Number.POSITIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  constructor(timeoutMs: number, onOver: (error: OperationError) => void) {
    this.#onOver = onOver
    this.limit(timeoutMs)
  }

  /** Bounds the time, counted from the start; does nothing where a shorter one is set. @throws Error for what is no time */
  readonly limit = (timeoutMs: number): void => {
    // Operations in processes of their own may send anything.
    if (!(typeof timeoutMs === 'number' && timeoutMs >= 0)) {
      throw new Error(`It limited its time to ${String(timeoutMs)}, which is no number of milliseconds.`)
    }
    if (timeoutMs >= this.#timeoutMs) return
    this.#timeoutMs = timeoutMs
    this.stop()
    const leftMs = timeoutMs - (performance.now() - this.#startedAt)
    const isOver = () => this.#onOver(tooLong(timeoutMs))
    this.#timer = setTimeout(isOver, Math.max(0, Math.min(leftMs, LONGEST_TIMER_MS)))
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}

function tooLong(timeoutMs: number): OperationError {
  return new OperationError(`It took longer than the ${timeoutMs / 1000} s that it may take.`)
}

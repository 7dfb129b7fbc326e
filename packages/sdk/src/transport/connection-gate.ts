import { clockMs } from '../clock.js'
import { isRequestError } from '../errors/request-error.js'
import { Bell } from './bell.js'
import { classifyFailure } from './classify-failure.js'
import { nextDelay } from './next-delay.js'

/** What a piece of work is told of its attempt. */
export interface Turn {
  /** 0 for the first. */
  readonly attempt: number
  /** Tells that the server was reached and the work came forward, before it is done. */
  progressed(): void
}

/** Who waits at the gate. */
export interface Waiter {
  readonly signal?: AbortSignal | undefined
  /** Is told that attempt `attempt` (from 1) comes in `retryInMs` milliseconds. */
  onWait?(attempt: number, retryInMs: number): void
}

export interface GateOptions {
  /** How long to go on without progress, in milliseconds. */
  readonly reconnectTimeoutMs: number
  /** Milliseconds. @default clockMs */
  readonly now?: () => number
  /** 0 to 1. @default Math.random */
  readonly random?: () => number
}

const TICK_MS = 1_000

/** A time without progress: everybody waits on it, one probes. */
interface Outage {
  readonly startedAt: number
  readonly changed: Bell
  failures: number
  resumeAt: number
  hasProber: boolean
  /** Why it was given up. */
  failure?: unknown
}

/**
 * The one place that retries. All requests of a client pass through it: after a failure that time may heal everybody
 * waits while one tries again, with backoff, until something succeeds or the budget since the last progress is spent.
 */
export class ConnectionGate {
  readonly #reconnectTimeoutMs: number
  readonly #now: () => number
  readonly #random: () => number
  #outage: Outage | undefined

  constructor(options: GateOptions) {
    this.#reconnectTimeoutMs = options.reconnectTimeoutMs
    this.#now = options.now ?? clockMs
    this.#random = options.random ?? Math.random
  }

  /** Does `work`, again while it fails for reasons that pass. @throws its last failure, or the signal's reason */
  async run<T>(work: (turn: Turn) => Promise<T>, waiter: Waiter): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      const probed = await this.#enter(waiter)
      try {
        const value = await work({ attempt, progressed: () => this.#reached() })
        this.#reached()
        return value
      } catch (error) {
        this.#settleFailure(error, attempt, probed, waiter.signal)
      } finally {
        if (probed) release(probed)
      }
    }
  }

  /** Waits while others probe; answers the outage that this attempt is the probe of. */
  async #enter(waiter: Waiter): Promise<Outage | undefined> {
    for (;;) {
      const outage = this.#outage
      waiter.signal?.throwIfAborted()
      if (!outage) return undefined
      const isProber = !outage.hasProber
      const waitMs = Math.max(0, outage.resumeAt - this.#now())
      waiter.onWait?.(outage.failures, Math.round(waitMs))
      if (!isProber) {
        await outage.changed.sleep(undefined, waiter.signal)
        if (outage.failure !== undefined) throw outage.failure
        continue
      }
      outage.hasProber = true
      try {
        await this.#countDown(outage, waitMs, waiter)
      } catch (error) {
        release(outage)
        throw error
      }
      if (this.#outage === outage) return outage
    }
  }

  /** Sleeps until the time to try has come or the outage is over, and tells every second how long it will be. */
  async #countDown(outage: Outage, waitMs: number, waiter: Waiter): Promise<void> {
    for (let leftMs = waitMs; leftMs > 0 && this.#outage === outage; ) {
      const tickMs = leftMs % TICK_MS || TICK_MS
      await outage.changed.sleep(tickMs, waiter.signal)
      leftMs -= tickMs
      if (leftMs > 0 && this.#outage === outage) waiter.onWait?.(outage.failures, Math.round(leftMs))
    }
  }

  #reached(): void {
    const outage = this.#outage
    this.#outage = undefined
    outage?.changed.ring()
  }

  /** Returns where the work is to be tried again. */
  #settleFailure(
    error: unknown,
    attempt: number,
    probed: Outage | undefined,
    signal: AbortSignal | undefined,
  ): void {
    signal?.throwIfAborted()
    const verdict = classifyFailure(error)
    if (!verdict.isRetried || attempt >= verdict.limit) {
      if (isRequestError(error)) this.#reached()
      throw error
    }
    const now = this.#now()
    const outage = this.#outage ?? this.#begin(now)
    const isFirst = outage.failures === 0
    if (isFirst || probed === outage) outage.failures += 1
    const deadline = outage.startedAt + this.#reconnectTimeoutMs
    if (now >= deadline) {
      outage.failure = error
      this.#reached()
      throw error
    }
    if (isFirst || probed === outage || verdict.retryAfterMs !== undefined) {
      const delay = nextDelay(outage.failures, verdict.retryAfterMs, this.#random)
      outage.resumeAt = Math.min(deadline, Math.max(outage.resumeAt, now + delay))
    }
  }

  #begin(now: number): Outage {
    const outage = { startedAt: now, changed: new Bell(), failures: 0, resumeAt: now, hasProber: false }
    this.#outage = outage
    return outage
  }
}

/** Lets another one probe. */
function release(outage: Outage): void {
  outage.hasProber = false
  outage.changed.ring()
}

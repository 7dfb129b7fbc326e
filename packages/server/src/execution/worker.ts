import type { Engine } from '../engine/engine.js'
import { JOBS_TOPIC } from '../engine/topics.js'
import { LEASE_MS } from './lease.js'
import { runLeasedAttempt } from './run-attempt.js'

/** A worker that missed so many of its looks for jobs does not work any more. */
const MISSED_LOOKS = 5

/** Leases attempts and runs them, up to `concurrency` at a time, until it is stopped. */
export class Worker {
  readonly #engine: Engine
  readonly #concurrency: number
  readonly #running = new Set<Promise<void>>()
  readonly #unsubscribe: () => void
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #isWoken = false
  #lookedAt = performance.now()

  constructor(engine: Engine, concurrency: number) {
    this.#engine = engine
    this.#concurrency = concurrency
    this.#unsubscribe = engine.notifier.subscribe(JOBS_TOPIC, () => this.#look())
    this.#look()
  }

  /** Whether it still finds jobs, or that there are none. */
  get isAlive(): boolean {
    return performance.now() - this.#lookedAt < MISSED_LOOKS * this.#engine.notifier.rereadMs
  }

  /** Takes no more jobs and waits for those that run; they end early once they are to be handed back. */
  async stop(): Promise<void> {
    this.#unsubscribe()
    clearTimeout(this.#timer)
    await this.#looking
    await Promise.all(this.#running)
  }

  /** One look at a time; a wake during a look makes another follow. */
  #look(): void {
    this.#isWoken = true
    this.#looking ??= this.#leaseAll()
      .catch((error: unknown) => this.#engine.report(error, 'leasing jobs'))
      .finally(() => {
        this.#looking = undefined
        this.#lookAgainLater()
      })
  }

  async #leaseAll(): Promise<void> {
    const { operations, queue, closing } = this.#engine
    while (this.#isWoken) {
      this.#isWoken = false
      while (this.#running.size < this.#concurrency && !closing.aborted) {
        const lease = await queue.lease(operations.names, LEASE_MS)
        if (!lease) break
        const run = runLeasedAttempt(this.#engine, lease)
          .catch((error: unknown) => this.#engine.report(error, `running ${lease.job.operation}`))
          .finally(() => {
            this.#running.delete(run)
            this.#look()
          })
        this.#running.add(run)
      }
      this.#lookedAt = performance.now()
    }
  }

  /** A wake is a hint, and a lease may run out without one. */
  #lookAgainLater(): void {
    clearTimeout(this.#timer)
    if (this.#engine.closing.aborted) return
    this.#timer = setTimeout(() => this.#look(), this.#engine.notifier.rereadMs)
    this.#timer.unref()
  }
}

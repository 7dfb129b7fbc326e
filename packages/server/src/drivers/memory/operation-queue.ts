import { randomUUID } from 'node:crypto'
import type { Clock } from '../../ports/drivers.js'
import type { Job, Lease, OperationQueue } from '../../ports/operation-queue.js'

interface QueuedJob {
  readonly job: Job
  lease?: { readonly token: string; expiresAt: number }
}

/** Keeps jobs in a map, which remembers in which order they came. */
export class MemoryOperationQueue implements OperationQueue {
  readonly #now: Clock
  readonly #jobs = new Map<string, QueuedJob>()

  constructor(now: Clock) {
    this.#now = now
  }

  async enqueue(job: Job): Promise<void> {
    if (!this.#jobs.has(nameOf(job))) this.#jobs.set(nameOf(job), { job })
  }

  async enqueueLeased(job: Job, leaseMs: number): Promise<Lease | undefined> {
    if (this.#jobs.has(nameOf(job))) return undefined
    const token = randomUUID()
    this.#jobs.set(nameOf(job), { job, lease: { token, expiresAt: this.#now() + leaseMs } })
    return { job, token, isRedelivery: false }
  }

  async lease(operations: readonly string[], leaseMs: number): Promise<Lease | undefined> {
    const now = this.#now()
    for (const queued of this.#jobs.values()) {
      const isHeld = queued.lease !== undefined && queued.lease.expiresAt > now
      if (isHeld || (queued.job.notBefore ?? 0) > now || !operations.includes(queued.job.operation)) continue
      const isRedelivery = queued.lease !== undefined
      queued.lease = { token: randomUUID(), expiresAt: now + leaseMs }
      return { job: queued.job, token: queued.lease.token, isRedelivery }
    }
    return undefined
  }

  async renew(lease: Lease, leaseMs: number): Promise<boolean> {
    const held = this.#held(lease)?.lease
    if (!held) return false
    held.expiresAt = this.#now() + leaseMs
    return true
  }

  async complete(lease: Lease): Promise<boolean> {
    return this.#held(lease) !== undefined && this.#jobs.delete(nameOf(lease.job))
  }

  async release(lease: Lease): Promise<void> {
    delete this.#held(lease)?.lease
  }

  async waiting(): Promise<number> {
    return [...this.#jobs.values()].filter(({ lease }) => !lease).length
  }

  async cancel(job: Job): Promise<void> {
    this.#jobs.delete(nameOf(job))
  }

  #held(lease: Lease): QueuedJob | undefined {
    const queued = this.#jobs.get(nameOf(lease.job))
    return queued?.lease?.token === lease.token ? queued : undefined
  }
}

function nameOf({ space, key, incarnation, attempt }: Job): string {
  return `${space} ${key} ${incarnation} ${attempt}`
}

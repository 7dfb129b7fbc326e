import type { EntryKey } from '@opcache/protocol'
import type { SpaceId } from './space.js'

/** An attempt to be run. */
export interface Job {
  readonly space: SpaceId
  readonly key: EntryKey
  readonly incarnation: string
  readonly attempt: number
  /** Name of the operation. */
  readonly operation: string
  /** Milliseconds since 1970 before which it is not to be run. */
  readonly notBefore?: number
}

/** The right to run a job, until it is completed, released or lost. */
export interface Lease {
  readonly job: Job
  /** Names this lease. */
  readonly token: string
  /** Whether a worker had this job before and died over it. */
  readonly isRedelivery: boolean
}

/** Hands attempts to workers. */
export interface OperationQueue {
  /**
   * Adds a job; adding one that waits or is leased MUST change nothing. The worker of the process that adds it is
   * preferred: others may wait a moment while that process lives.
   */
  enqueue(job: Job): Promise<void>

  /**
   * Adds a job that its adder holds from the start, leased for `leaseMs`. Where it waits or is leased already, MUST change
   * nothing and answer undefined.
   */
  enqueueLeased(job: Job, leaseMs: number): Promise<Lease | undefined>

  /**
   * The oldest job of one of `operations` that nobody holds, leased for `leaseMs`, or undefined. MUST give a job to one
   * worker at a time: again only when its lease was released, ran out, or its worker's process is known to be dead. MUST
   * NOT give it before its `notBefore`.
   */
  lease(operations: readonly string[], leaseMs: number): Promise<Lease | undefined>

  /** Extends a lease to `leaseMs` from now; false when it was lost. */
  renew(lease: Lease, leaseMs: number): Promise<boolean>

  /** Removes the job if the lease still holds it, and answers whether it did. */
  complete(lease: Lease): Promise<boolean>

  /** Gives the job back, to be leased at once by whomever, without counting as a redelivery. */
  release(lease: Lease): Promise<void>

  /** How many jobs wait for a worker; those that are leased do not count. */
  waiting(): Promise<number>

  /** Removes a job that nobody needs any more, leased or not. */
  cancel(job: Job): Promise<void>
}

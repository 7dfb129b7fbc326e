import { randomUUID } from 'node:crypto'
import type { Clock } from '../../ports/drivers.js'
import type { Job, Lease, OperationQueue } from '../../ports/operation-queue.js'
import { isKnownDead, isSameProcess, type WorkerIdentity } from './processes/worker-identity.js'
import { jobKey, jobOrderKey, keysUnder, type RecordKey } from './records/keys.js'
import type { Records } from './records/records.js'
import type { JobRecord, Table, Tables } from './records/tables.js'

/** How long a job is left to the process that added it. */
const PREFERENCE_MS = 2000

/** How many jobs are looked at that are left to others; those behind them are seen when these are taken. */
const PREFERENCE_LOOKS = 100

/** Hands out jobs by an index of those that wait and one of those that are leased, a few for each worker. */
export class EmbeddedOperationQueue implements OperationQueue {
  readonly #records: Records
  readonly #self: WorkerIdentity
  readonly #now: Clock

  constructor(records: Records, self: WorkerIdentity, now: Clock) {
    this.#records = records
    this.#self = self
    this.#now = now
  }

  enqueue(job: Job): Promise<void> {
    return this.#records.change(tables => {
      const key = jobKey(job)
      if (tables.jobs.doesExist(key)) return
      const order = nextOrder(tables)
      tables.jobs.put(key, { job, order, enqueued: { by: this.#self, at: this.#now() } })
      tables.waitingJobs.put(jobOrderKey(job.operation, order), key)
    })
  }

  enqueueLeased(job: Job, leaseMs: number): Promise<Lease | undefined> {
    return this.#records.change(tables => {
      const key = jobKey(job)
      if (tables.jobs.doesExist(key)) return undefined
      const order = nextOrder(tables)
      const token = randomUUID()
      tables.jobs.put(key, {
        job,
        order,
        lease: { token, by: this.#self, expiresAt: this.#now() + leaseMs },
      })
      tables.leasedJobs.put(jobOrderKey(job.operation, order), key)
      return { job, token, isRedelivery: false }
    })
  }

  async lease(operations: readonly string[], leaseMs: number): Promise<Lease | undefined> {
    const find = (tables: Tables) => this.#findJob(tables, operations)
    // Workers ask again and again: only what was found is worth a transaction.
    if (!this.#records.read(find)) return undefined
    return this.#records.change(tables => {
      const found = find(tables)
      if (!found) return undefined
      const token = randomUUID()
      const { job, order } = found
      const expiresAt = this.#now() + leaseMs
      tables.jobs.put(jobKey(job), { job, order, lease: { token, by: this.#self, expiresAt } })
      tables.waitingJobs.remove(jobOrderKey(job.operation, order))
      tables.leasedJobs.put(jobOrderKey(job.operation, order), jobKey(job))
      return { job, token, isRedelivery: found.lease !== undefined }
    })
  }

  renew(lease: Lease, leaseMs: number): Promise<boolean> {
    return this.#records.change(({ jobs }) => {
      const held = findLeased(jobs, lease)
      if (!held) return false
      jobs.put(jobKey(lease.job), {
        ...held,
        lease: { token: lease.token, by: this.#self, expiresAt: this.#now() + leaseMs },
      })
      return true
    })
  }

  complete(lease: Lease): Promise<boolean> {
    return this.#records.change(tables => {
      const held = findLeased(tables.jobs, lease)
      if (!held) return false
      removeJob(tables, held)
      return true
    })
  }

  release(lease: Lease): Promise<void> {
    return this.#records.change(tables => {
      const held = findLeased(tables.jobs, lease)
      if (!held) return
      const { job, order } = held
      tables.jobs.put(jobKey(job), { job, order })
      tables.leasedJobs.remove(jobOrderKey(job.operation, order))
      tables.waitingJobs.put(jobOrderKey(job.operation, order), jobKey(job))
    })
  }

  async waiting(): Promise<number> {
    return this.#records.read(({ waitingJobs }) => waitingJobs.getCount())
  }

  cancel(job: Job): Promise<void> {
    return this.#records.change(tables => {
      const record = tables.jobs.get(jobKey(job))
      if (record) removeJob(tables, record)
    })
  }

  /** The oldest job that this process may have. */
  #findJob(tables: Tables, operations: readonly string[]): JobRecord | undefined {
    const now = this.#now()
    const isDead = rememberAnswers(isKnownDead)
    const isLost = ({ lease }: JobRecord) => lease && (lease.expiresAt <= now || isDead(lease.by))
    const isFree = ({ job, enqueued }: JobRecord) =>
      (job.notBefore ?? 0) <= now &&
      (!enqueued ||
        enqueued.at + PREFERENCE_MS <= now ||
        isSameProcess(enqueued.by, this.#self) ||
        isDead(enqueued.by))
    return operations
      .flatMap(operation => [
        first(tables, tables.leasedJobs, operation, Number.POSITIVE_INFINITY, isLost),
        first(tables, tables.waitingJobs, operation, PREFERENCE_LOOKS, isFree),
      ])
      .filter(record => record !== undefined)
      .sort((a, b) => a.order - b.order)[0]
  }
}

function nextOrder({ counters }: Tables): number {
  const order = (counters.get('jobs') ?? 0) + 1
  counters.put('jobs', order)
  return order
}

function first(
  { jobs }: Tables,
  index: Table<RecordKey>,
  operation: string,
  limit: number,
  isWanted: (record: JobRecord) => unknown,
): JobRecord | undefined {
  for (const { value } of index.getRange({ ...keysUnder([operation]), limit })) {
    const record = jobs.get(value)
    if (record && isWanted(record)) return record
  }
  return undefined
}

function findLeased(jobs: Tables['jobs'], lease: Lease): JobRecord | undefined {
  const record = jobs.get(jobKey(lease.job))
  return record?.lease?.token === lease.token ? record : undefined
}

function removeJob(tables: Tables, { job, order }: JobRecord): void {
  tables.jobs.remove(jobKey(job))
  tables.waitingJobs.remove(jobOrderKey(job.operation, order))
  tables.leasedJobs.remove(jobOrderKey(job.operation, order))
}

/** Asks once for each worker: the answer takes a look at the operating system. */
function rememberAnswers(ask: (worker: WorkerIdentity) => boolean): (worker: WorkerIdentity) => boolean {
  const answers = new Map<string, boolean>()
  return worker => {
    const answer = answers.get(worker.nonce) ?? ask(worker)
    answers.set(worker.nonce, answer)
    return answer
  }
}

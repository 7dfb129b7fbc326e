import { ensureAccounts, releaseAllOf } from '../accounts.js'
import { keysUnder } from '../records/keys.js'
import type { Records } from '../records/records.js'
import type { ProcessRecord, Tables } from '../records/tables.js'
import { renewTrust } from '../trust.js'
import { warnOnce } from '../warn-once.js'
import {
  isKnownDead,
  isOfThisBoot,
  newWorkerIdentity,
  thisBoot,
  type WorkerIdentity,
} from './worker-identity.js'

/** How often a process shows that it is there. */
const SHOW_MS = 60_000

/** After this long without a sign a process of another machine is taken for gone; what it left behind is removed. */
const GONE_MS = 3_600_000

/** The processes that have the store open, this one among them. */
export class Processes {
  readonly self: WorkerIdentity = newWorkerIdentity()
  readonly #records: Records
  #timer: NodeJS.Timeout | undefined

  constructor(records: Records) {
    this.#records = records
  }

  /** Adds this process and forgets the gone ones. */
  async join(): Promise<void> {
    await this.#show()
    this.#timer = setInterval(() => {
      this.#show().catch(warnOnce('The store cannot note that this process is alive'))
    }, SHOW_MS).unref()
  }

  /** Whether another process has the store open, as far as anyone knows. */
  hasOthers(): boolean {
    return this.#records.read(({ processes }) => processes.getKeysCount({ limit: 2 })) > 1
  }

  /** The nonces of the others that have not ended, as far as anyone knows. */
  livingOthers(): string[] {
    const isLiving = ({ identity }: ProcessRecord) =>
      identity.nonce !== this.self.nonce && !isKnownDead(identity)
    return this.#records.read(({ processes }) =>
      [...processes.getRange()].flatMap(({ key, value }) => (isLiving(value) ? [key] : [])),
    )
  }

  /** The nonces of all of them. */
  nonces(): Set<string> {
    return this.#records.read(({ processes }) => new Set(processes.getKeys()))
  }

  /** Removes this process. */
  async leave(): Promise<void> {
    clearInterval(this.#timer)
    await this.#records.change(tables => forget(tables, this.self.nonce))
  }

  #show(): Promise<void> {
    return this.#records.change(tables => {
      const now = Date.now()
      const gone = goneProcesses(tables.processes, now)
      ensureAccounts(tables)
      for (const { nonce } of gone) forget(tables, nonce)
      // Those of an earlier boot are known by the boot having changed.
      renewTrust(tables, thisBoot(), gone.some(isOfThisBoot))
      tables.processes.put(this.self.nonce, { identity: this.self, seenAt: now })
    })
  }
}

/** Processes that ended without leaving. */
function goneProcesses(processes: Tables['processes'], now: number): WorkerIdentity[] {
  const isGone = ({ identity, seenAt }: ProcessRecord) => isKnownDead(identity) || seenAt + GONE_MS < now
  return [...processes.getRange()].filter(({ value }) => isGone(value)).map(({ value }) => value.identity)
}

/** Removes a process, the marks of what it was receiving, and the room that it had reserved. */
function forget(tables: Tables, nonce: string): void {
  const { processes, blocksInFlight } = tables
  for (const key of [...blocksInFlight.getKeys(keysUnder([nonce]))]) blocksInFlight.remove(key)
  releaseAllOf(tables, nonce)
  processes.remove(nonce)
}

import type { Ledger, StoreUsage, Unfinished } from '../../ports/ledger.js'
import { isReserved, setReservation } from './accounts.js'
import { accountKey, keysUnder, reservationKey } from './records/keys.js'
import type { Records } from './records/records.js'
import type { Tables } from './records/tables.js'
import { currentTrust } from './trust.js'

/** Reads what the stores account for, and keeps the reservations of the processes. */
export class EmbeddedLedger implements Ledger {
  readonly #records: Records
  readonly #nonce: string

  constructor(records: Records, nonce: string) {
    this.#records = records
    this.#nonce = nonce
  }

  async usage(): Promise<StoreUsage> {
    return this.#records.read(usageOf)
  }

  async unfinished(account: string): Promise<Unfinished> {
    return this.#records.read(
      ({ unfinished }) => unfinished.get(accountKey(account)) ?? { contents: 0, streams: 0, bytes: 0 },
    )
  }

  reserve(blob: string, bytes: number, capacityBytes: number): Promise<boolean> {
    return this.#records.change(tables => {
      const usage = usageOf(tables)
      if (usage.storedBytes + usage.reservedBytes + bytes > capacityBytes) return false
      const key = reservationKey(blob, this.#nonce)
      setReservation(tables, key, (tables.reservations.get(key) ?? 0) + bytes)
      return true
    })
  }

  async isReserved(blob: string): Promise<boolean> {
    return this.#records.read(tables => isReserved(tables, blob))
  }

  async release(blob: string, keptBytes?: number): Promise<void> {
    const key = reservationKey(blob, this.#nonce)
    const isOver = ({ reservations }: Tables) => (reservations.get(key) ?? -1) > (keptBytes ?? -1)
    // Most reservations were used up: seeing that needs no transaction.
    if (!this.#records.read(isOver)) return
    await this.#records.change(tables => {
      if (isOver(tables)) setReservation(tables, key, keptBytes)
    })
  }

  async leftovers(): Promise<number | undefined> {
    return this.#records.read(tables => {
      const stop = currentTrust(tables)
      return (tables.trust.get('collected')?.trust ?? 0) < stop ? stop : undefined
    })
  }

  settleLeftovers(stop: number): Promise<void> {
    return this.#records.change(({ trust }) => {
      trust.put('collected', { trust: Math.max(stop, trust.get('collected')?.trust ?? 0), boot: '' })
    })
  }

  async isNamed(blob: string): Promise<boolean> {
    return this.#records.read(
      tables =>
        isReserved(tables, blob) ||
        [tables.manifests, tables.streamBlocks].some(
          table => table.getKeysCount({ ...keysUnder([blob]), limit: 1 }) > 0,
        ),
    )
  }
}

function usageOf(tables: Tables): StoreUsage {
  const { bytes, contents, reservedBytes } = tables.holding.get('all')!
  return { storedBytes: bytes, reservedBytes, contents }
}

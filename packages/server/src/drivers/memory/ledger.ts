import type { Ledger, StoreUsage, Unfinished } from '../../ports/ledger.js'
import { contentBytes, streamBytes } from '../../ports/stored-bytes.js'
import type { MemoryContentStore } from './content-store.js'
import type { Reservations } from './reservations.js'
import type { MemoryStreamStore } from './stream-store.js'

/** Adds up what the stores hold, each time: made for tests, not for many contents. */
export class MemoryLedger implements Ledger {
  readonly #contents: MemoryContentStore
  readonly #streams: MemoryStreamStore
  readonly #reservations: Reservations

  constructor(contents: MemoryContentStore, streams: MemoryStreamStore, reservations: Reservations) {
    this.#contents = contents
    this.#streams = streams
    this.#reservations = reservations
  }

  async usage(): Promise<StoreUsage> {
    return this.#usage()
  }

  async unfinished(account: string): Promise<Unfinished> {
    const contents = this.#contents.records.filter(
      record => record.account === account && record.missingBlocks > 0,
    )
    const streams = this.#streams.records.filter(
      record => record.account === account && record.phase.state === 'OPEN',
    )
    const bytes = sum(contents.map(contentBytes)) + sum(streams.map(streamBytes))
    return { contents: contents.length, streams: streams.length, bytes }
  }

  async reserve(blob: string, bytes: number, capacityBytes: number): Promise<boolean> {
    const { storedBytes, reservedBytes } = this.#usage()
    if (storedBytes + reservedBytes + bytes > capacityBytes) return false
    this.#reservations.add(blob, bytes)
    return true
  }

  async isReserved(blob: string): Promise<boolean> {
    return this.#reservations.has(blob)
  }

  async release(blob: string, keptBytes?: number): Promise<void> {
    this.#reservations.release(blob, keptBytes)
  }

  /** Nothing outlives the process. */
  async leftovers(): Promise<undefined> {
    return undefined
  }

  async settleLeftovers(): Promise<void> {
    // There are none.
  }

  async isNamed(blob: string): Promise<boolean> {
    const records = [...this.#contents.records, ...this.#streams.records]
    return this.#reservations.has(blob) || records.some(record => record.blob === blob)
  }

  #usage(): StoreUsage {
    const { records } = this.#contents
    const storedBytes = sum(records.map(contentBytes)) + sum(this.#streams.records.map(streamBytes))
    return { storedBytes, reservedBytes: this.#reservations.total, contents: records.length }
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

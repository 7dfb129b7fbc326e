import type { BlockRange } from '@opcache/protocol'
import type { BlocksInFlight } from '../../ports/blocks-in-flight.js'
import type { Processes } from './processes/processes.js'
import { keysUnder, markKey, type RecordKey } from './records/keys.js'
import type { Records } from './records/records.js'
import type { Tables } from './records/tables.js'
import { warnOnce } from './warn-once.js'

/** How often it is looked whether another process has come that should know the marks. */
const LOOK_MS = 25

const warn = warnOnce('What is being received is not told to other processes, clients may send it twice')

interface Mark {
  readonly key: RecordKey
  readonly blob: string
  readonly range: BlockRange
  isStored: boolean
}

/** Keeps marks in the store while several processes have it open; a process that is alone writes none. */
export class EmbeddedBlocksInFlight implements BlocksInFlight {
  readonly #records: Records
  readonly #processes: Processes
  readonly #marks = new Set<Mark>()
  readonly #obsolete: RecordKey[] = []
  #lastMark = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(records: Records, processes: Processes) {
    this.#records = records
    this.#processes = processes
  }

  mark(blob: string, range: BlockRange): () => void {
    const mark = this.#add(blob, range)
    this.#storeIn(0)
    return () => this.#remove(mark)
  }

  async claim(blob: string, range: BlockRange, isNeeded: (index: number) => boolean) {
    const own = [...this.#marks].filter(mark => mark.blob === blob).map(mark => mark.range)
    if (coverAll(own, range, isNeeded)) return undefined
    // Marked before anything is awaited, so that of two requests to this process one gets it.
    const mark = this.#add(blob, range)
    if (!this.#processes.hasOthers()) {
      this.#storeIn(LOOK_MS)
      return () => this.#remove(mark)
    }
    mark.isStored = true
    const nonces = this.#processes.livingOthers()
    // Where it cannot be told to others, it is at worst sent twice.
    const isTaken = await this.#records
      .change(tables => {
        if (coverAll([...own, ...marksOf(tables, nonces, blob)], range, isNeeded)) return true
        tables.blocksInFlight.put(mark.key, range)
        return false
      })
      .catch(warn)
    if (!isTaken) return () => this.#remove(mark)
    this.#marks.delete(mark)
    return undefined
  }

  /** Ends; what is in the store goes with the process's record. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  #add(blob: string, range: BlockRange): Mark {
    const key = markKey(this.#processes.self.nonce, blob, ++this.#lastMark)
    const mark = { key, blob, range, isStored: false }
    this.#marks.add(mark)
    return mark
  }

  #remove(mark: Mark): void {
    this.#marks.delete(mark)
    if (!mark.isStored) return
    this.#obsolete.push(mark.key)
    this.#storeIn(0)
  }

  /** Not awaited by who marks: a mark is a hint. */
  #storeIn(delayMs: number): void {
    if (this.#isClosed || this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#store().catch(warn)
    }, delayMs).unref()
  }

  async #store(): Promise<void> {
    const unstored = [...this.#marks].filter(({ isStored }) => !isStored)
    if (!this.#processes.hasOthers()) {
      if (unstored.length > 0) this.#storeIn(LOOK_MS)
      return
    }
    const obsolete = this.#obsolete.splice(0)
    if (unstored.length + obsolete.length === 0) return
    for (const mark of unstored) mark.isStored = true
    await this.#records.change(({ blocksInFlight }) => {
      for (const { key, range } of unstored) blocksInFlight.put(key, range)
      for (const key of obsolete) blocksInFlight.remove(key)
    })
  }
}

function marksOf({ blocksInFlight }: Tables, nonces: readonly string[], blob: string): BlockRange[] {
  return nonces.flatMap(nonce =>
    [...blocksInFlight.getRange(keysUnder([nonce, blob]))].map(({ value }) => value),
  )
}

/** Whether every needed block of a range is in one of the others. */
function coverAll(
  ranges: readonly BlockRange[],
  [first, count]: BlockRange,
  isNeeded: (index: number) => boolean,
): boolean {
  const isCovered = (index: number) => ranges.some(([from, length]) => index >= from && index < from + length)
  return Array.from({ length: count }, (_, offset) => first + offset).every(
    index => !isNeeded(index) || isCovered(index),
  )
}

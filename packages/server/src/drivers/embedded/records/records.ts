import { setImmediate as turn } from 'node:timers/promises'
import { open, type RootDatabase } from 'lmdb'
import type { Durability } from '../../../ports/durability.js'
import type { RecordKey } from './keys.js'
import { recordsError } from './records-error.js'
import { openTables, type Table, type Tables } from './tables.js'

/** Values of a page. */
const PAGE = 100

/**
 * The records of a folder: LMDB, which several processes share. A commit is seen by all, and outlives its process, before
 * it is flushed, which `disk` waits for; a power cut takes the store back to the last flushed commit, which is sound. Never
 * `noSync`, which may leave a corrupt one.
 */
export class Records {
  readonly #folder: string
  readonly #durability: Durability
  readonly #root: RootDatabase
  readonly #tables: Tables
  readonly #pending = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  constructor(folder: string, durability: Durability) {
    this.#folder = folder
    this.#durability = durability
    this.#root = openRoot(folder)
    this.#tables = openTables(this.#root)
  }

  /** Reads, from what is committed now by whatever process. Whatever `action` reads belongs to one moment. */
  read<T>(action: (tables: Tables) => T): T {
    this.#throwIfClosed()
    // A snapshot lives until the next turn's timers, which may be later than an answer from another process.
    this.#root.resetReadTxn()
    return action(this.#tables)
  }

  /** All values of a table, read in pages, each of which belongs to one moment. */
  async *pages<V, T>(
    choose: (tables: Tables) => Table<V>,
    view: (tables: Tables, value: V) => T,
  ): AsyncGenerator<T> {
    for (let after: RecordKey | undefined; ; ) {
      const start = after && { start: after, exclusiveStart: true }
      const page = this.read(tables =>
        [...choose(tables).getRange({ ...start, limit: PAGE })].map(({ key, value }) => ({
          key,
          value: view(tables, value),
        })),
      )
      for (const { value } of page) yield value
      if (page.length < PAGE) return
      // However much there is, everything else that the process does has its turn.
      await turn()
      after = page.at(-1)!.key
    }
  }

  /**
   * Reads and writes in one transaction among all processes. Resolves when it is committed, and as safe as the store is to keep it. `action` is called once and
   * must not throw after its first write: what it wrote before would stay.
   *
   * @throws ProtocolError `storage-full` when there is no space; nothing was written then.
   */
  async change<T>(action: (tables: Tables) => T): Promise<T> {
    this.#throwIfClosed()
    const transaction = this.#root.transaction(() => action(this.#tables))
    // Asked for now: it is this transaction's, and not that of a later one.
    const flushed = this.#durability === 'disk' ? this.#root.flushed.then(() => undefined) : undefined
    const committed = Promise.all([transaction, flushed])
      .then(([result]) => result)
      .catch(async error => {
        throw await recordsError(error, this.#folder)
      })
    this.#pending.add(committed)
    try {
      return await committed
    } finally {
      this.#pending.delete(committed)
    }
  }

  /** Waits for what is being written, then closes. */
  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#pending).then(() => this.#root.close())
    return this.#closing
  }

  #throwIfClosed(): void {
    if (this.#closing) throw new Error('The store is closed.')
  }
}

function openRoot(folder: string): RootDatabase {
  try {
    return open({
      path: folder,
      noSubdir: false,
      maxDbs: 32,
      // With the batching of event turns, a commit that fails for want of space rejects a promise that nobody holds,
      // and that ends the process.
      eventTurnBatching: false,
    })
  } catch (error) {
    throw new Error(
      `The records in ${folder} cannot be opened: ${(error as Error).message}. ` +
        'They may be of another version or on a disk that is not local; give another folder.',
      { cause: error },
    )
  }
}

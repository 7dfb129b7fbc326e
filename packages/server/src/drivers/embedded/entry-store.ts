import type { EntryKey } from '@opcache/protocol'
import type { EntryPage, EntryQuery, EntryRecord, EntryStore } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import { formatEntryCursor, parseEntryCursor } from '../entry-cursor.js'
import {
  entryExpiryKey,
  entryKey,
  entryListKey,
  entryListPrefix,
  isListPosition,
  keysUnder,
  keysUntil,
  listPosition,
  type RecordKey,
} from './records/keys.js'
import { moveKey } from './records/move-key.js'
import type { Records } from './records/records.js'
import type { Tables } from './records/tables.js'

/** Keeps entries with indices by expiry and by creator, all changed in the record's transaction. */
export class EmbeddedEntryStore implements EntryStore {
  readonly #records: Records

  constructor(records: Records) {
    this.#records = records
  }

  async get(space: SpaceId, key: EntryKey): Promise<EntryRecord | undefined> {
    return this.#records.read(({ entries }) => entries.get(entryKey(space, key)))
  }

  compareAndSet(record: EntryRecord, expectedRevision: number): Promise<boolean> {
    const key = entryKey(record.space, record.key)
    return this.#records.change(tables => {
      const before = tables.entries.get(key)
      if ((before?.revision ?? 0) !== expectedRevision) return false
      moveInIndices(tables, before, record)
      tables.entries.put(key, record)
      return true
    })
  }

  delete(space: SpaceId, key: EntryKey, expectedRevision: number): Promise<boolean> {
    return this.#records.change(tables => {
      const before = tables.entries.get(entryKey(space, key))
      if (before?.revision !== expectedRevision) return false
      moveInIndices(tables, before, undefined)
      tables.entries.remove(entryKey(space, key))
      return true
    })
  }

  async list({ namespace, creator, state, cursor, limit }: EntryQuery): Promise<EntryPage> {
    const after = cursor === undefined ? undefined : parseEntryCursor(cursor)
    if (cursor !== undefined && !(after && isListPosition(after))) return { entries: [] }
    const prefix = entryListPrefix(namespace, creator, state)
    return this.#records.read(({ entries, entriesByCreator }) => {
      const range = keysUnder(prefix)
      const start = after ? [...prefix, -after[0], after[1], after[2]] : range.start
      const keys = [...entriesByCreator.getKeys({ start, exclusiveStart: true, end: range.end, limit })]
      const last = keys.at(-1)
      const page = getAll(entries, keys)
      return last && keys.length === limit
        ? { entries: page, next: formatEntryCursor(listPosition(last)) }
        : { entries: page }
    })
  }

  async count(): Promise<number> {
    return this.#records.read(({ entries }) => entries.getCount())
  }

  async *all(): AsyncIterable<EntryRecord> {
    yield* this.#records.pages(
      tables => tables.entries,
      (_, entry) => entry,
    )
  }

  async expired(time: number, limit: number): Promise<EntryRecord[]> {
    return this.#records.read(({ entries, entriesByExpiry }) =>
      getAll(entries, [...entriesByExpiry.getKeys({ ...keysUntil(time), limit })]),
    )
  }
}

/** The records that index keys name: they end with the key of the record. */
function getAll(entries: Tables['entries'], keys: readonly RecordKey[]): EntryRecord[] {
  return keys.map(key => entries.get(key.slice(-2))).filter(entry => entry !== undefined)
}

function moveInIndices(
  tables: Tables,
  before: EntryRecord | undefined,
  after: EntryRecord | undefined,
): void {
  moveKey(tables.entriesByExpiry, before && entryExpiryKey(before), after && entryExpiryKey(after))
  moveKey(tables.entriesByCreator, before && entryListKey(before), after && entryListKey(after))
  const inState = (entry: EntryRecord) => entryListKey(entry, entry.phase.state)
  moveKey(tables.entriesByCreator, before && inState(before), after && inState(after))
}

import type { EntryKey } from '@opcache/protocol'
import type { EntryPage, EntryQuery, EntryRecord, EntryStore } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import {
  compareEntryPositions,
  type EntryPosition,
  formatEntryCursor,
  parseEntryCursor,
} from '../entry-cursor.js'

/** Keeps entries in a map. Lists by looking at all of them: made for tests, not for many entries. */
export class MemoryEntryStore implements EntryStore {
  readonly #entries = new Map<string, EntryRecord>()

  async get(space: SpaceId, key: EntryKey): Promise<EntryRecord | undefined> {
    return this.#entries.get(nameOf(space, key))
  }

  async compareAndSet(record: EntryRecord, expectedRevision: number): Promise<boolean> {
    const name = nameOf(record.space, record.key)
    if ((this.#entries.get(name)?.revision ?? 0) !== expectedRevision) return false
    this.#entries.set(name, record)
    return true
  }

  async delete(space: SpaceId, key: EntryKey, expectedRevision: number): Promise<boolean> {
    const name = nameOf(space, key)
    return this.#entries.get(name)?.revision === expectedRevision && this.#entries.delete(name)
  }

  async list({ namespace, creator, state, cursor, limit }: EntryQuery): Promise<EntryPage> {
    const after = cursor === undefined ? undefined : parseEntryCursor(cursor)
    if (cursor !== undefined && !after) return { entries: [] }
    const entries = [...this.#entries.values()]
      .filter(entry => entry.namespace === namespace && entry.creator === creator)
      .filter(entry => state === undefined || entry.phase.state === state)
      .filter(entry => !after || compareEntryPositions(positionOf(entry), after) > 0)
      .sort((a, b) => compareEntryPositions(positionOf(a), positionOf(b)))
      .slice(0, limit)
    const last = entries.at(-1)
    return last && entries.length === limit
      ? { entries, next: formatEntryCursor(positionOf(last)) }
      : { entries }
  }

  async count(): Promise<number> {
    return this.#entries.size
  }

  async *all(): AsyncIterable<EntryRecord> {
    yield* this.#entries.values()
  }

  async expired(time: number, limit: number): Promise<EntryRecord[]> {
    return [...this.#entries.values()]
      .filter(entry => entry.expiresAt <= time)
      .sort((a, b) => a.expiresAt - b.expiresAt)
      .slice(0, limit)
  }
}

function nameOf(space: SpaceId, key: EntryKey): string {
  return `${space} ${key}`
}

function positionOf(entry: EntryRecord): EntryPosition {
  return [entry.createdAt, entry.space, entry.key]
}

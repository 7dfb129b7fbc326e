import type { EntryKey } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import { Bell } from '../bell.js'
import type { Engine, EntryWatcher, WatchedEntry } from '../engine.js'
import { entryTopic } from '../topics.js'
import { entryDocument } from './entry-view.js'
import { settleEntry } from './settle-entry.js'

/** The entries that are waited for in this process: each change is read once, however many wait for it. */
export class WatchedEntries implements EntryWatcher {
  readonly #watched = new Map<string, { readonly entry: ReadEntry; watchers: number }>()

  watch(engine: Engine, record: EntryRecord): { readonly entry: WatchedEntry; release(): void } {
    const { space, key } = record
    const topic = entryTopic(space, key)
    const watched = this.#watched.get(topic) ?? { entry: new ReadEntry(engine, space, key), watchers: 0 }
    this.#watched.set(topic, watched)
    watched.watchers += 1
    if (!isSame(watched.entry.latest, record)) watched.entry.forget()
    return {
      entry: watched.entry,
      release: () => {
        watched.watchers -= 1
        if (watched.watchers > 0) return
        this.#watched.delete(topic)
        watched.entry.close()
      },
    }
  }

  shared(record: EntryRecord): EntryRecord {
    const latest = this.#watched.get(entryTopic(record.space, record.key))?.entry.latest
    return latest && isSame(latest, record) ? latest : record
  }
}

/** Whether two records are of one state of one entry, or both of none. */
function isSame(one: EntryRecord | undefined, other: EntryRecord | undefined): boolean {
  return one?.revision === other?.revision && one?.incarnation === other?.incarnation
}

/** An entry that is read for all who wait for it. */
class ReadEntry implements WatchedEntry {
  readonly changed = new Bell()
  readonly #engine: Engine
  readonly #read: () => Promise<EntryRecord | undefined>
  readonly #unsubscribe: () => void
  readonly #ring = () => this.#wake()
  #record: Promise<EntryRecord | undefined> | undefined
  #latest: EntryRecord | undefined
  #document: { readonly of: EntryRecord; readonly told: Promise<string> } | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(engine: Engine, space: SpaceId, key: EntryKey) {
    this.#engine = engine
    this.#read = () => engine.entries.get(space, key)
    this.#unsubscribe = engine.notifier.subscribe(entryTopic(space, key), this.#ring)
    engine.closing.addEventListener('abort', this.#ring, { once: true })
    this.#rereadLater()
  }

  record(): Promise<EntryRecord | undefined> {
    this.#record ??= this.#readOnce()
    return this.#record
  }

  /** As it was last read, while nothing is known of a change since then. */
  get latest(): EntryRecord | undefined {
    return this.#latest
  }

  document(record: EntryRecord): Promise<string> {
    if (this.#document?.of !== record) {
      this.#document = {
        of: record,
        told: entryDocument(this.#engine, record).then(told => JSON.stringify(told)),
      }
    }
    return this.#document.told
  }

  #readOnce(): Promise<EntryRecord | undefined> {
    // Only while it was not forgotten meanwhile.
    const isCurrent = () => this.#record === reading
    const reading = this.#read().then(
      found => {
        if (isCurrent()) this.#latest = found
        return found
      },
      error => {
        if (isCurrent()) this.forget()
        throw error
      },
    )
    return reading
  }

  /** Has the entry read anew by who asks next. */
  forget(): void {
    this.#record = undefined
    this.#latest = undefined
    this.#document = undefined
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#unsubscribe()
    this.#engine.closing.removeEventListener('abort', this.#ring)
  }

  #wake(): void {
    this.forget()
    this.changed.ring()
  }

  /** A wake is a hint: without one, the entry is looked at again, and what was left undone is made up for. */
  #rereadLater(): void {
    // Jittered, so that many entries are not read again at the same moment.
    const delayMs = this.#engine.notifier.rereadMs * (0.75 + Math.random() / 2)
    this.#timer = setTimeout(() => {
      this.#reread()
        .catch((error: unknown) => this.#engine.report(error, 'looking again at an entry that is waited for'))
        .finally(() => this.#rereadLater())
    }, delayMs)
  }

  async #reread(): Promise<void> {
    const known = await this.record()
    this.forget()
    const found = await this.record()
    if (found) await settleEntry(this.#engine, found)
    if (!isSame(found, known)) this.changed.ring()
  }
}

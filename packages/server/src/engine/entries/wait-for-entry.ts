import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { entryDocument } from './entry-view.js'

/** An entry as it was read, once for all who waited for it. */
export interface SeenEntry {
  readonly record: EntryRecord
  /** Its document, as JSON. */
  document(): Promise<string>
}

/** How long to wait. */
export interface WaitOptions {
  /** @default for ever */
  readonly timeoutMs?: number
  readonly signal: AbortSignal
}

/**
 * The revisions of an entry as they come, beginning with the current one; some may be skipped. Ends when the entry is
 * gone, when the time is over, or when `signal` is aborted or the server closes.
 */
export async function* watchEntry(
  engine: Engine,
  found: EntryRecord,
  { timeoutMs = Number.POSITIVE_INFINITY, signal }: WaitOptions,
): AsyncGenerator<SeenEntry> {
  const deadline = performance.now() + timeoutMs
  // Subscribed before reading: a change in between ends the sleep that follows.
  const { entry, release } = engine.watched.watch(engine, found)
  try {
    let seen: EntryRecord | undefined
    while (!signal.aborted && !engine.closing.aborted) {
      const { rings } = entry.changed
      const record = await entry.record()
      if (!record) return
      if (record.incarnation !== seen?.incarnation || record.revision > seen.revision) {
        seen = record
        yield { record, document: () => entry.document(record) }
        continue
      }
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return
      await entry.changed.sleep(rings, leftMs, signal).catch(() => undefined)
    }
  } finally {
    release()
  }
}

/**
 * Waits until `isDone` holds for an entry, the entry is gone, `timeoutMs` have passed, `signal` is aborted or the
 * server closes. Answers the entry as it stands then, undefined when it is gone.
 */
export async function waitForEntry(
  engine: Engine,
  found: EntryRecord,
  { isDone, ...options }: WaitOptions & { readonly isDone: (record: EntryRecord) => boolean },
): Promise<SeenEntry | undefined> {
  for await (const seen of watchEntry(engine, found, options)) {
    if (isDone(seen.record)) return seen
  }
  const record = await engine.entries.get(found.space, found.key)
  return record && seenAlone(engine, record)
}

/** An entry that nobody waited for. */
export function seenAlone(engine: Engine, record: EntryRecord): SeenEntry {
  return { record, document: async () => JSON.stringify(await entryDocument(engine, record)) }
}

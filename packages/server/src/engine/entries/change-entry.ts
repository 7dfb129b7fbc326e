import type { EntryPhase, EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { entryTopic } from '../topics.js'
import { entryExpiry } from './entry-expiry.js'

/** What a change may set. */
export type EntryChange = { readonly phase: EntryPhase } & Partial<
  Pick<EntryRecord, 'attempt' | 'operationVersion' | 'source' | 'stream' | 'expiresAt' | 'log'>
>

/** Writes the next revision of `record`; undefined when it has changed since it was read. Waiters are woken. */
export async function changeEntry(
  engine: Engine,
  record: EntryRecord,
  change: EntryChange,
): Promise<EntryRecord | undefined> {
  const now = engine.now()
  // What an attempt tells of itself is no use of its entry.
  const isUse = record.phase.state !== 'PROCESSING' || change.phase.state !== 'PROCESSING'
  const next: EntryRecord = {
    ...record,
    ...(isUse ? { expiresAt: entryExpiry(engine, change.phase) } : {}),
    ...change,
    revision: record.revision + 1,
    updatedAt: now,
  }
  if (!(await engine.entries.compareAndSet(next, record.revision))) return undefined
  engine.notifier.publish(entryTopic(record.space, record.key))
  return next
}

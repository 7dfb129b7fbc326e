import type { EntryRecord } from '../ports/entry-store.js'
import type { Engine } from './engine.js'
import { findCompleteContent } from './find-content.js'
import { startAttempt } from './start-attempt.js'

/**
 * Starts an entry whose source is complete, and registers it with its source otherwise. The content may be completed
 * meanwhile: registering comes first and reading again second, completion marks first and starts second, so one of both
 * sees the other.
 */
export async function startWhenComplete(engine: Engine, record: EntryRecord): Promise<EntryRecord> {
  if (record.source === undefined) return record
  const ref = { space: record.space, id: record.source }
  // Looked at before registering, too: a content whose bytes are gone is forgotten with all that is registered.
  if (!(await findCompleteContent(engine, ref))) {
    await engine.contents.addDependent(ref, record.key)
    if (!(await findCompleteContent(engine, ref))) return record
    await engine.contents.removeDependent(ref, record.key)
  }
  const started = await startAttempt(engine, record)
  return started ?? (await engine.entries.get(record.space, record.key)) ?? record
}

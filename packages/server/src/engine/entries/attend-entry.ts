import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { changeEntry } from './change-entry.js'
import { entryExpiry } from './entry-expiry.js'

/** Says that somebody waits for an entry or looks at it: its attempt goes on. Not every look is worth a write. */
export async function attendEntry(engine: Engine, record: EntryRecord): Promise<void> {
  const { phase } = record
  if (phase.state !== 'PROCESSING') return
  const expiresAt = entryExpiry(engine, phase)
  const gainedMs = expiresAt - record.expiresAt
  const periodMs = expiresAt - engine.now()
  if (gainedMs > periodMs / 4) await changeEntry(engine, record, { phase, expiresAt })
}

import type { ContentId } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import { findCompleteContent } from '../contents/find-content.js'
import type { Engine } from '../engine.js'
import { changeEntry } from './change-entry.js'

/**
 * The entry as it truly stands, for those who list many: where its result's bytes are gone it is a miss, but nothing begins
 * for that, and nothing is kept longer for having been listed. Undefined where it is gone meanwhile.
 */
export async function listedEntry(engine: Engine, record: EntryRecord): Promise<EntryRecord | undefined> {
  const { space, key, phase } = record
  if (phase.state !== 'COMPLETE') return record
  if (await findCompleteContent(engine, { space, id: phase.result.id as ContentId })) return record
  const change = { phase: { state: 'UPLOADING' }, expiresAt: record.expiresAt } as const
  return (await changeEntry(engine, record, change)) ?? engine.entries.get(space, key)
}

import type { ContentId, ResultDocument } from '@opcache/protocol'
import type { EntryRecord } from '../ports/entry-store.js'
import type { SpaceId } from '../ports/space.js'
import { changeEntry } from './change-entry.js'
import type { Engine } from './engine.js'
import { findCompleteContent } from './find-content.js'
import { enqueueAttempt } from './start-attempt.js'
import { startWhenComplete } from './start-when-complete.js'
import { useContent } from './use-content.js'

/** An attempt that nobody has told anything of for so long may have no job: its starter died in between. */
const QUIET_MS = 30_000

/**
 * The entry as it truly stands, for those who only look at it. What a process that died has left undone is made up for:
 * a source that is complete starts the attempt, a job that is missing is queued. A result whose bytes are gone is a
 * miss.
 */
export async function settleEntry(engine: Engine, record: EntryRecord): Promise<EntryRecord> {
  const { phase, space, source } = record
  switch (phase.state) {
    case 'UPLOADING':
      if (!source || !(await findCompleteContent(engine, { space, id: source }))) return record
      return startWhenComplete(engine, record)
    case 'PROCESSING':
      if (engine.now() - record.updatedAt > QUIET_MS) await enqueueAttempt(engine, record)
      return record
    case 'COMPLETE': {
      if (await holdResult(engine, space, phase.result)) return record
      const emptied = await changeEntry(engine, record, { phase: { state: 'UPLOADING' } })
      if (emptied) return startWhenComplete(engine, emptied)
      return (await engine.entries.get(space, record.key)) ?? record
    }
    case 'FAILED':
      return record
  }
}

/** Whether a result's bytes are here; they then stay for a while. */
export async function holdResult(engine: Engine, space: SpaceId, result: ResultDocument): Promise<boolean> {
  const ref = { space, id: result.id as ContentId }
  return (await findCompleteContent(engine, ref)) !== undefined && (await useContent(engine, ref))
}

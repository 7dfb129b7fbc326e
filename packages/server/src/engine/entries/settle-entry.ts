import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { attendEntry } from './attend-entry.js'
import { changeEntry } from './change-entry.js'
import { findSource } from './entry-source.js'
import { holdResult } from './hold-result.js'
import { enqueueAttempt } from './start-attempt.js'
import { startWhenComplete } from './start-when-complete.js'

/** An attempt that nobody has told anything of for so long may have no job: its starter died in between. */
const QUIET_MS = 30_000

/**
 * The entry as it truly stands, for those who only look at it. What a process that died has left undone is made up for:
 * a source that is complete starts the attempt, a job that is missing is queued. A result whose bytes are gone is a
 * miss. An attempt that somebody looks at goes on.
 */
export async function settleEntry(engine: Engine, record: EntryRecord): Promise<EntryRecord> {
  const { phase, space } = record
  switch (phase.state) {
    case 'UPLOADING':
      if (await findSource(engine, record)) return startWhenComplete(engine, record)
      // Who is given the job of a live attempt that nobody runs puts an end to it.
      if (phase.isLive) await enqueueWhenQuiet(engine, record)
      return record
    case 'PROCESSING':
      await enqueueWhenQuiet(engine, record)
      await attendEntry(engine, record)
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

async function enqueueWhenQuiet(engine: Engine, record: EntryRecord): Promise<void> {
  if (engine.now() - record.updatedAt > QUIET_MS) await enqueueAttempt(engine, record)
}

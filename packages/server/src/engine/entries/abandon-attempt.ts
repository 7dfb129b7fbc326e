import { ProtocolError } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { changeEntry } from './change-entry.js'
import { failurePhase } from './failure-phase.js'
import { jobOf } from './start-attempt.js'

/**
 * Stops an attempt that nobody waits for any more: its worker finds that it is not the entry's any more. The source
 * stays, so the next open runs it again. Answers whether it was still so.
 */
export async function abandonAttempt(engine: Engine, record: EntryRecord): Promise<boolean> {
  const { unattendedSeconds, failureTtlSeconds } = engine.limits
  const reason = `Nobody waited for it for ${unattendedSeconds} s, so it was stopped.`
  const error = new ProtocolError('operation-failed', reason, { members: { deterministic: false } })
  const phase = failurePhase(record, error.toProblem())
  const ttlSeconds = phase.state === 'FAILED' ? failureTtlSeconds : engine.limits.entryTtlSeconds
  const expiresAt = engine.now() + ttlSeconds * 1000
  if (!(await changeEntry(engine, record, { phase, expiresAt }))) return false
  await engine.queue.cancel(jobOf(record))
  return true
}

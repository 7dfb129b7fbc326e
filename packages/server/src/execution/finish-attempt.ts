import type { ContentId } from '@opcache/protocol'
import type { Engine } from '../engine/engine.js'
import { changeEntry } from '../engine/entries/change-entry.js'
import { failurePhase, previousResult } from '../engine/entries/failure-phase.js'
import { publishAlias } from '../engine/entries/publish-alias.js'
import { enqueueAttempt } from '../engine/entries/start-attempt.js'
import { startWhenComplete } from '../engine/entries/start-when-complete.js'
import type { EntryPhase, EntryRecord } from '../ports/entry-store.js'
import type { Lease } from '../ports/operation-queue.js'
import { describeFailure } from './failure.js'
import { findAttempt } from './find-attempt.js'

/** How an attempt ended. */
export interface AttemptEnd {
  readonly phase: EntryPhase
  readonly log?: string | undefined
}

/**
 * Writes the end of an attempt, unless another attempt or another incarnation stands there by now. Answers whether it
 * did.
 */
export async function finishAttempt(
  engine: Engine,
  lease: Lease,
  record: EntryRecord,
  { phase, log }: AttemptEnd,
): Promise<boolean> {
  const isShortLived = phase.state === 'FAILED'
  const ttlSeconds = isShortLived ? engine.limits.failureTtlSeconds : engine.limits.entryTtlSeconds
  // What ran is what this server offers; the job may have been queued by one that offers another version.
  const offered = engine.operations.get(record.descriptor.operation.name)
  const operationVersion = offered?.version ?? record.operationVersion
  let isWritten = false
  for (;;) {
    // The record moves on with every progress; what counts is that the attempt is still this one.
    const current = await findAttempt(engine, lease)
    if (!current) break
    // Before the entry is seen as COMPLETE, so that who has waited for it finds the other key as well.
    if (phase.state === 'COMPLETE' && !phase.refreshError) await publishAlias(engine, current, phase.result)
    const expiresAt = engine.now() + ttlSeconds * 1000
    isWritten =
      (await changeEntry(engine, current, { phase, log, operationVersion, expiresAt })) !== undefined
    if (isWritten) break
  }
  const source = record.source && { space: record.space, id: record.source as ContentId }
  await Promise.all([
    engine.queue.complete(lease),
    source && engine.contents.removeDependent(source, record.key),
  ])
  return isWritten
}

/**
 * Puts another attempt in the place of one that was lost, after a pause that grows; so the lost one's result could never
 * count. After too many the entry has failed. Where the source is still coming, the next one begins once somebody follows
 * it or the source is whole.
 */
export async function replaceAttempt(engine: Engine, lease: Lease, why: string, log?: string): Promise<void> {
  const { maxLostWorkers, retryDelayMs } = engine.limits
  for (;;) {
    const current = await findAttempt(engine, lease)
    if (!current) break
    const lostWorkers = lostWorkersOf(current) + 1
    if (lostWorkers >= maxLostWorkers) {
      const error = new Error(`It was tried ${lostWorkers} times, and lost each time. ${why}`)
      await finishAttempt(engine, lease, current, {
        phase: failurePhase(current, describeFailure(error)),
        log,
      })
      return
    }
    if (current.phase.state === 'PROCESSING') {
      const { progress: _, ...phase } = current.phase
      const attempt = current.attempt + 1
      const next = await changeEntry(engine, current, { attempt, phase: { ...phase, lostWorkers }, log })
      if (!next) continue
      await engine.queue.complete(lease)
      await enqueueAttempt(engine, next, retryDelayMs * 4 ** (lostWorkers - 1))
      return
    }
    if (await endLiveAttempt(engine, lease, current, { lostWorkers, log })) return
  }
  await engine.queue.complete(lease)
}

/**
 * Gives an attempt back that could not come to its end here, without counting it as lost: the next worker runs it. One
 * whose output was seen becomes another attempt, and so does a live one, once somebody follows it or its source is whole.
 */
export async function handBackAttempt(engine: Engine, lease: Lease, isSeen: boolean): Promise<void> {
  for (;;) {
    const current = await findAttempt(engine, lease)
    if (!current) break
    if (current.phase.state === 'PROCESSING' && !isSeen) return engine.queue.release(lease)
    if (current.phase.state === 'PROCESSING') {
      const next = await changeEntry(engine, current, { attempt: current.attempt + 1, phase: current.phase })
      if (!next) continue
      await engine.queue.complete(lease)
      return enqueueAttempt(engine, next)
    }
    if (await endLiveAttempt(engine, lease, current, { lostWorkers: lostWorkersOf(current) })) return
  }
  await engine.queue.complete(lease)
}

/** The source of an entry is not stored any more: it is asked for again. */
export async function emptyEntry(engine: Engine, lease: Lease, record: EntryRecord): Promise<void> {
  const previous = previousResult(record)
  const phase = { state: 'UPLOADING', ...(previous ? { previous } : {}) } as const
  const emptied = await changeEntry(engine, record, { phase })
  await engine.queue.complete(lease)
  if (emptied) await startWhenComplete(engine, emptied)
}

/** The entry waits for its source, as before its live attempt. Answers whether it was still so. */
async function endLiveAttempt(
  engine: Engine,
  lease: Lease,
  record: EntryRecord,
  { lostWorkers, log }: { lostWorkers: number; log?: string | undefined },
): Promise<boolean> {
  const previous = previousResult(record)
  const phase = { state: 'UPLOADING', lostWorkers, ...(previous ? { previous } : {}) } as const
  const ended = await changeEntry(engine, record, { phase, log })
  if (!ended) return false
  await engine.queue.complete(lease)
  // Whoever completed the source meanwhile may have met this change.
  await startWhenComplete(engine, ended)
  return true
}

function lostWorkersOf({ phase }: EntryRecord): number {
  return (phase.state === 'UPLOADING' || phase.state === 'PROCESSING' ? phase.lostWorkers : 0) ?? 0
}

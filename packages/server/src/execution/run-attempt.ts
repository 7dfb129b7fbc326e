import { setInterval } from 'node:timers'
import type { ContentId, ResultDocument } from '@opcache/protocol'
import { changeEntry } from '../engine/change-entry.js'
import type { Engine } from '../engine/engine.js'
import { findCompleteContent } from '../engine/find-content.js'
import { LinkedAbort } from '../engine/linked-abort.js'
import { enqueueAttempt } from '../engine/start-attempt.js'
import { startWhenComplete } from '../engine/start-when-complete.js'
import { publishContent, type StoredBytes } from '../engine/store-content.js'
import { entryTopic } from '../engine/topics.js'
import { useContent } from '../engine/use-content.js'
import type { OperationOutcome } from '../operations/operation.js'
import type { ContentRecord } from '../ports/content-store.js'
import type { EntryPhase, EntryRecord } from '../ports/entry-store.js'
import type { Lease } from '../ports/operation-queue.js'
import { describeFailure } from './failure.js'
import { findAttempt } from './find-attempt.js'
import { LEASE_MS } from './lease.js'
import { ProgressWriter } from './progress-writer.js'
import { runOperation } from './run-operation.js'
import { safeName } from './safe-name.js'

/** Why an attempt was stopped from outside. */
class AttemptStopped extends Error {
  override readonly name = 'AttemptStopped'
}

/** Runs the attempt of a leased job to its end: a result, a failure, or back to the queue. */
export async function runLeasedAttempt(engine: Engine, lease: Lease): Promise<void> {
  const record = await findAttempt(engine, lease)
  if (!record) {
    await engine.queue.complete(lease)
    return
  }
  if (lease.isRedelivery) {
    await takeOver(engine, lease, record)
    return
  }
  const ref = record.source && { space: record.space, id: record.source as ContentId }
  const source = ref && (await findCompleteContent(engine, ref))
  if (!source) {
    // The source expired before its turn came: it is asked for again.
    const previous = previousResult(record)
    const phase = { state: 'UPLOADING', ...(previous ? { previous } : {}) } as const
    const emptied = await changeEntry(engine, record, { phase })
    await engine.queue.complete(lease)
    if (emptied) await startWhenComplete(engine, emptied)
    return
  }
  await runWithHeartbeat(engine, lease, record, source)
}

/** A worker died over this attempt: another one begins, so that the dead one's result could never count. */
async function takeOver(engine: Engine, lease: Lease, record: EntryRecord): Promise<void> {
  if (record.phase.state !== 'PROCESSING') return
  const lostWorkers = record.phase.lostWorkers + 1
  if (lostWorkers >= engine.limits.maxLostWorkers) {
    const error = new Error(`${lostWorkers} workers died over it`)
    await finish(engine, lease, record, failurePhase(record, error))
    return
  }
  const next = await changeEntry(engine, record, {
    attempt: record.attempt + 1,
    phase: { ...record.phase, lostWorkers },
  })
  await engine.queue.complete(lease)
  if (next) await enqueueAttempt(engine, next)
}

async function runWithHeartbeat(
  engine: Engine,
  lease: Lease,
  record: EntryRecord,
  source: ContentRecord,
): Promise<void> {
  const stop = new LinkedAbort(engine.closing)
  const stopIfNotCurrent = async () => {
    if (!(await findAttempt(engine, lease))) stop.abort(new AttemptStopped('The entry was deleted.'))
  }
  const beat = async () => {
    if (!(await engine.queue.renew(lease, LEASE_MS))) stop.abort(new AttemptStopped('The lease was lost.'))
    await useContent(engine, source)
    await stopIfNotCurrent()
  }
  let keeping: Promise<void> = Promise.resolve()
  const keep = (step: () => Promise<void>) => {
    keeping = keeping.then(step).catch((error: unknown) => engine.report(error, 'keeping a lease'))
  }
  const heart = setInterval(() => keep(beat), LEASE_MS / 3)
  const unsubscribe = engine.notifier.subscribe(entryTopic(record.space, record.key), () =>
    keep(stopIfNotCurrent),
  )
  const { key, attempt, operation } = lease.job
  const told = { key, attempt, operation }
  engine.observe({ kind: 'attempt-started', ...told })
  try {
    const phase = await runToPhase(engine, lease, record, source, stop.signal)
    await finish(engine, lease, record, phase)
    engine.observe({
      kind: 'attempt-ended',
      ...told,
      state: phase.state === 'COMPLETE' && !phase.refreshError ? 'COMPLETE' : 'FAILED',
    })
  } catch (error) {
    engine.observe({ kind: 'attempt-ended', ...told, state: 'STOPPED' })
    if (engine.closing.aborted) await engine.queue.release(lease)
    else if (error instanceof AttemptStopped) await engine.queue.complete(lease)
    else throw error
  } finally {
    clearInterval(heart)
    unsubscribe()
    await keeping
    // Whatever the operation left running may stop now.
    stop.abort(new AttemptStopped('The attempt is over.'))
  }
}

/** Runs the operation and answers the phase that follows. @throws when the attempt was stopped from outside */
async function runToPhase(
  engine: Engine,
  lease: Lease,
  record: EntryRecord,
  source: ContentRecord,
  signal: AbortSignal,
): Promise<EntryPhase> {
  const offered = engine.operations.require(record.descriptor.operation.name)
  const progress = new ProgressWriter(engine, lease)
  let ran: { outcome: OperationOutcome; stored: StoredBytes }
  try {
    signal.throwIfAborted()
    ran = await runOperation(engine, offered, {
      source,
      params: offered.checkParams(record.descriptor.operation.params),
      signal,
      progress: progress.tell,
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    return failurePhase(record, error)
  } finally {
    await progress.end()
  }
  const { id, size } = await publishContent(engine, record.space, ran.stored)
  const { type = 'application/octet-stream', name = 'result' } = ran.outcome
  return { state: 'COMPLETE', result: { id, size, type, name: safeName(name) } }
}

/** A refresh that failed leaves the earlier result as it was. */
function failurePhase(record: EntryRecord, error: unknown): EntryPhase {
  const problem = describeFailure(error)
  const previous = previousResult(record)
  return previous
    ? { state: 'COMPLETE', result: previous, refreshError: problem }
    : { state: 'FAILED', error: problem }
}

function previousResult({ phase }: EntryRecord): ResultDocument | undefined {
  return phase.state === 'PROCESSING' ? phase.previous : undefined
}

/** Writes the end of an attempt, unless another attempt or another incarnation stands there by now. */
async function finish(engine: Engine, lease: Lease, record: EntryRecord, phase: EntryPhase): Promise<void> {
  const isShortLived = phase.state === 'FAILED'
  const ttlSeconds = isShortLived ? engine.limits.failureTtlSeconds : engine.limits.entryTtlSeconds
  // What ran is what this server offers; the job may have been queued by one that offers another version.
  const offered = engine.operations.get(record.descriptor.operation.name)
  const operationVersion = offered?.version ?? record.operationVersion
  for (;;) {
    // The record moves on with every progress; what counts is that the attempt is still this one.
    const current = await findAttempt(engine, lease)
    if (!current) break
    const expiresAt = engine.now() + ttlSeconds * 1000
    if (await changeEntry(engine, current, { phase, operationVersion, expiresAt })) break
  }
  await engine.queue.complete(lease)
}

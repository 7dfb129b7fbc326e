import { setInterval } from 'node:timers'
import { type ContentId, ProtocolError } from '@opcache/protocol'
import { changeEntry } from '../engine/change-entry.js'
import type { Engine } from '../engine/engine.js'
import { enqueueAttempt } from '../engine/start-attempt.js'
import { findCompleteContent, publishContent, type StoredBytes, useContent } from '../engine/store-content.js'
import { entryTopic } from '../engine/topics.js'
import type { OperationOutcome, OperationProgress } from '../operations/operation.js'
import type { ContentRecord } from '../ports/content-store.js'
import type { EntryPhase, EntryRecord } from '../ports/entry-store.js'
import type { Lease } from '../ports/operation-queue.js'
import { describeFailure } from './failure.js'
import { runOperation } from './run-operation.js'
import { safeName } from './safe-name.js'
import { LEASE_MS } from './worker.js'

/** Progress that comes faster than this is not written. */
const PROGRESS_MS = 250

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
    // The source expired before its turn came: the next open asks for it again.
    await changeEntry(engine, record, { phase: { state: 'UPLOADING' } })
    await engine.queue.complete(lease)
    return
  }
  await runWithHeartbeat(engine, lease, record, source)
}

/** The entry, while the job is still its current attempt. */
async function findAttempt(engine: Engine, { job }: Lease): Promise<EntryRecord | undefined> {
  const record = await engine.entries.get(job.space, job.key)
  const isCurrent =
    record?.incarnation === job.incarnation &&
    record.attempt === job.attempt &&
    record.phase.state === 'PROCESSING'
  return isCurrent ? record : undefined
}

/** A worker died over this attempt: another one begins, so that the dead one's result could never count. */
async function takeOver(engine: Engine, lease: Lease, record: EntryRecord): Promise<void> {
  if (record.phase.state !== 'PROCESSING') return
  const lostWorkers = record.phase.lostWorkers + 1
  if (lostWorkers >= engine.limits.maxLostWorkers) {
    const error = describeFailure(new Error(`${lostWorkers} workers died over it`))
    await finish(engine, lease, record, { state: 'FAILED', error })
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
  const stop = new AbortController()
  const signal = AbortSignal.any([stop.signal, engine.closing])
  const stopIfNotCurrent = async () => {
    if (!(await findAttempt(engine, lease))) stop.abort(new AttemptStopped('The entry was deleted.'))
  }
  const beat = async () => {
    if (!(await engine.queue.renew(lease, LEASE_MS))) stop.abort(new AttemptStopped('The lease was lost.'))
    await useContent(engine, source)
    await stopIfNotCurrent()
  }
  const onError = (error: unknown) => engine.report(error, 'keeping a lease')
  const heart = setInterval(() => void beat().catch(onError), LEASE_MS / 3)
  const unsubscribe = engine.notifier.subscribe(entryTopic(record.space, record.key), () => {
    void stopIfNotCurrent().catch(onError)
  })
  const { key, attempt, operation } = lease.job
  const told = { key, attempt, operation }
  engine.observe({ kind: 'attempt-started', ...told })
  try {
    const phase = await runToPhase(engine, lease, record, source, signal)
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
  let ran: { outcome: OperationOutcome; stored: StoredBytes }
  try {
    ran = await runOperation(engine, offered, {
      source,
      params: offered.checkParams(record.descriptor.operation.params),
      signal,
      progress: progressWriter(engine, lease),
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    return failurePhase(record, error)
  }
  const { id, size } = await publishContent(engine, record.space, ran.stored)
  const { type = 'application/octet-stream', name = 'result' } = ran.outcome
  return { state: 'COMPLETE', result: { id, size, type, name: safeName(name) } }
}

/** A refresh that failed leaves the earlier result as it was. */
function failurePhase({ phase }: EntryRecord, error: unknown): EntryPhase {
  const problem = describeFailure(error)
  const previous = phase.state === 'PROCESSING' ? phase.previous : undefined
  return previous
    ? { state: 'COMPLETE', result: previous, refreshError: problem }
    : { state: 'FAILED', error: problem }
}

/** Writes the end of an attempt, unless another attempt or another incarnation stands there by now. */
async function finish(engine: Engine, lease: Lease, record: EntryRecord, phase: EntryPhase): Promise<void> {
  const isShortLived = phase.state === 'FAILED'
  const ttlSeconds = isShortLived ? engine.limits.failureTtlSeconds : engine.limits.entryTtlSeconds
  for (;;) {
    // The record moves on with every progress; what counts is that the attempt is still this one.
    const current = await findAttempt(engine, lease)
    if (!current) break
    const expiresAt = engine.now() + ttlSeconds * 1000
    if (await changeEntry(engine, current, { phase, attempt: record.attempt, expiresAt })) break
  }
  await engine.queue.complete(lease)
}

/** Writes progress now and then; the last word before a pause is not lost. */
function progressWriter(engine: Engine, lease: Lease): (progress: OperationProgress) => void {
  let latest: OperationProgress | undefined
  let timer: NodeJS.Timeout | undefined
  const write = async () => {
    const progress = latest
    latest = undefined
    timer = undefined
    const record = await findAttempt(engine, lease)
    if (!progress || record?.phase.state !== 'PROCESSING') return
    await changeEntry(engine, record, { phase: { ...record.phase, progress } })
  }
  return progress => {
    latest = checkedProgress(progress)
    timer ??= setTimeout(() => {
      write().catch((error: unknown) => engine.report(error, 'writing progress'))
    }, PROGRESS_MS)
    timer.unref()
  }
}

function checkedProgress({ fraction, message }: OperationProgress): OperationProgress {
  if (fraction !== undefined && !(fraction >= 0 && fraction <= 1)) {
    throw new ProtocolError('internal', `Progress is a fraction from 0 to 1, not ${fraction}.`)
  }
  return {
    ...(fraction === undefined ? {} : { fraction }),
    ...(message === undefined ? {} : { message: message.slice(0, 200) }),
  }
}

import { randomUUID } from 'node:crypto'
import { setInterval } from 'node:timers'
import type { ContentId } from '@opcache/protocol'
import { findCompleteContent } from '../engine/contents/find-content.js'
import { discardBytes, publishContent, type StoredBytes } from '../engine/contents/store-content.js'
import type { Engine } from '../engine/engine.js'
import { attendEntry } from '../engine/entries/attend-entry.js'
import { failurePhase } from '../engine/entries/failure-phase.js'
import { LinkedAbort } from '../engine/linked-abort.js'
import { RunningOutput } from '../engine/outputs/running-output.js'
import { entryTopic } from '../engine/topics.js'
import type { OperationOutcome } from '../operations/operation.js'
import type { EntryRecord } from '../ports/entry-store.js'
import type { Lease } from '../ports/operation-queue.js'
import { AttemptLog } from './attempt-log.js'
import { isAttemptLost } from './attempt-lost-error.js'
import { type AttemptSource, StoredSource } from './attempt-source.js'
import { describeFailure } from './failure.js'
import { findAttempt } from './find-attempt.js'
import {
  type AttemptEnd,
  emptyEntry,
  finishAttempt,
  handBackAttempt,
  replaceAttempt,
} from './finish-attempt.js'
import { LEASE_MS } from './lease.js'
import { LiveSource, SourceStalled } from './live/live-source.js'
import { ProgressWriter } from './progress-writer.js'
import { runOperation } from './run-operation.js'
import { safeName } from './safe-name.js'

/** Why an attempt was stopped from outside. */
class AttemptStopped extends Error {
  override readonly name = 'AttemptStopped'
}

/** An attempt that is to run, and by whose leave. */
interface LeasedAttempt {
  readonly lease: Lease
  readonly record: EntryRecord
  /** Aborted when it is to be given back, so that it ends elsewhere. */
  readonly handingBack: AbortSignal
}

/** Runs the attempt of a leased job to its end: a result, a failure, or back to the queue. */
export async function runLeasedAttempt(engine: Engine, lease: Lease): Promise<void> {
  const record = await findAttempt(engine, lease)
  if (!record) {
    await engine.queue.complete(lease)
    return
  }
  // Only who began a live attempt could run it.
  if (lease.isRedelivery || record.phase.state === 'UPLOADING') {
    await replaceAttempt(engine, lease, 'The server that ran it ended in the middle.')
    return
  }
  const ref = record.source && { space: record.space, id: record.source as ContentId }
  const source = ref && (await findCompleteContent(engine, ref))
  // The source may have expired before its turn came: it is asked for again.
  if (!source) await emptyEntry(engine, lease, record)
  else {
    const attempt = { lease, record, handingBack: engine.handingBack }
    await runWithHeartbeat(engine, attempt, () => new StoredSource(engine, source))
  }
}

/** Runs a live attempt, whose source is still coming, to whatever end. */
export async function runLiveAttempt(engine: Engine, lease: Lease, record: EntryRecord): Promise<void> {
  const ref = record.source && { space: record.space, id: record.source as ContentId }
  const content = ref && (await engine.contents.get(ref))
  const sizeBytes = content?.size ?? Number.POSITIVE_INFINITY
  // At once: what it waits for does not come any more.
  const attempt = { lease, record, handingBack: engine.closing }
  await runWithHeartbeat(
    engine,
    attempt,
    stop => new LiveSource(engine, { ...attempt, sizeBytes }, stop.signal, error => stop.abort(error)),
  )
}

async function runWithHeartbeat(
  engine: Engine,
  leased: LeasedAttempt,
  openSource: (stop: LinkedAbort) => AttemptSource,
): Promise<void> {
  const { lease, record, handingBack } = leased
  const stop = new LinkedAbort(handingBack)
  const source = openSource(stop)
  const shown = showOutput(engine, record)
  const stopIfNotCurrent = async () => {
    if (!(await findAttempt(engine, lease))) stop.abort(new AttemptStopped('The entry was deleted.'))
  }
  const beat = async () => {
    if (!(await engine.queue.renew(lease, LEASE_MS))) stop.abort(new AttemptStopped('The lease was lost.'))
    await source.keep()
    if (shown?.isFollowed) await attendEntry(engine, (await findAttempt(engine, lease)) ?? record)
    await stopIfNotCurrent()
  }
  let keeping: Promise<void> = Promise.resolve()
  const keep = (step: () => Promise<void>) => {
    keeping = keeping.then(step).catch((error: unknown) => engine.report(error, 'keeping a lease'))
  }
  // To be worked on is to be used, however soon it is over.
  keep(() => source.keep())
  const heart = setInterval(() => keep(beat), LEASE_MS / 3)
  const unsubscribe = engine.notifier.subscribe(entryTopic(record.space, record.key), () =>
    keep(stopIfNotCurrent),
  )
  const { key, attempt, operation } = lease.job
  const told = { key, attempt, operation }
  engine.observe({ kind: 'attempt-started', ...told })
  try {
    const end = await runToEnd(engine, leased, source, stop.signal, shown)
    if ('lost' in end) {
      await replaceAttempt(engine, lease, end.lost, end.log)
      engine.observe({ kind: 'attempt-ended', ...told, state: 'LOST' })
      return
    }
    const { phase } = end
    const isComplete = phase.state === 'COMPLETE' && !phase.refreshError
    const isCurrent = await finishAttempt(engine, lease, record, end)
    if (isComplete && isCurrent) shown?.publish({ space: record.space, id: phase.result.id as ContentId })
    engine.observe({ kind: 'attempt-ended', ...told, state: isComplete ? 'COMPLETE' : 'FAILED' })
  } catch (error) {
    engine.observe({ kind: 'attempt-ended', ...told, state: 'STOPPED' })
    // Who follows must not take another run's bytes for the rest of this one's.
    const isSeen = shown !== undefined && shown.bytes > 0
    if (handingBack.aborted || error instanceof SourceStalled) await handBackAttempt(engine, lease, isSeen)
    else if (error instanceof AttemptStopped) await engine.queue.complete(lease)
    else throw error
  } finally {
    clearInterval(heart)
    unsubscribe()
    // Only now, when the entry says what has become of the attempt.
    shown?.cut()
    if (shown) engine.outputs.remove(record, shown)
    await keeping
    // Whatever the operation left running may stop now.
    stop.abort(new AttemptStopped('The attempt is over.'))
    await source.dispose()
  }
}

/** Shows the output of a streaming operation to those who follow it, from its first byte on. */
function showOutput(engine: Engine, record: EntryRecord): RunningOutput | undefined {
  const offered = engine.operations.require(record.descriptor.operation.name)
  if (!offered.operation.streaming) return undefined
  const output = new RunningOutput(record, randomUUID())
  engine.outputs.add(record, output)
  engine.notifier.publish(entryTopic(record.space, record.key))
  return output
}

/** An attempt whose process died, and why. */
interface AttemptLoss {
  readonly lost: string
  readonly log?: string | undefined
}

/** Runs the operation and answers what came of it. @throws when the attempt was stopped from outside */
async function runToEnd(
  engine: Engine,
  { lease, record }: Omit<LeasedAttempt, 'handingBack'>,
  source: AttemptSource,
  signal: AbortSignal,
  shown: RunningOutput | undefined,
): Promise<AttemptEnd | AttemptLoss> {
  const offered = engine.operations.require(record.descriptor.operation.name)
  const progress = new ProgressWriter(engine, lease)
  const log = new AttemptLog()
  let ran: { outcome: OperationOutcome; stored: StoredBytes }
  try {
    signal.throwIfAborted()
    ran = await runOperation(engine, offered, {
      source,
      params: offered.checkParams(record.descriptor.operation.params),
      signal,
      shown,
      progress: progress.tell,
      appendLog: log.append,
    })
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (isAttemptLost(error)) return { lost: error.message, log: log.text }
    return { phase: failurePhase(record, describeFailure(error)), log: log.text }
  } finally {
    await progress.end()
  }
  try {
    await source.completed()
  } catch (error) {
    await discardBytes(engine, ran.stored)
    throw signal.aborted ? signal.reason : error
  }
  shown?.close()
  const { id, size } = await publishContent(engine, record.space, ran.stored)
  const { type = 'application/octet-stream', name = 'result' } = ran.outcome
  return { phase: { state: 'COMPLETE', result: { id, size, type, name: safeName(name) } }, log: log.text }
}

import type { ContentId } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Job } from '../../ports/operation-queue.js'
import type { Engine } from '../engine.js'
import { JOBS_TOPIC } from '../topics.js'
import { changeEntry } from './change-entry.js'

/**
 * Begins the next attempt of an entry on `source`, which is complete; one that runs already, since before it was, goes on.
 * A start is one compare-and-set, so of all who try only one begins it; undefined for the others. A refresh keeps the
 * `previous` result until the new one is there.
 */
export async function startAttempt(
  engine: Engine,
  record: EntryRecord,
  source: ContentId,
  previous = record.phase.state === 'UPLOADING' ? record.phase.previous : undefined,
): Promise<EntryRecord | undefined> {
  const operation = engine.operations.get(record.descriptor.operation.name)
  const { isLive = false, lostWorkers = 0 } = record.phase.state === 'UPLOADING' ? record.phase : {}
  // Registered for as long as it is under way: what an attempt waits for or works on is not evicted.
  await engine.contents.addDependent({ space: record.space, id: source }, record.key)
  const started = await changeEntry(engine, record, {
    attempt: isLive ? record.attempt : record.attempt + 1,
    source,
    operationVersion: operation?.version ?? record.operationVersion,
    phase: { state: 'PROCESSING', lostWorkers, ...(previous ? { previous } : {}) },
    log: undefined,
  })
  if (started) await enqueueAttempt(engine, started)
  return started
}

/** Hands the current attempt to the workers, now or in a while; doing so again changes nothing. */
export async function enqueueAttempt(engine: Engine, record: EntryRecord, delayMs = 0): Promise<void> {
  const job = jobOf(record)
  const notBefore = delayMs > 0 ? { notBefore: engine.now() + delayMs } : {}
  await engine.queue.enqueue({ ...job, ...notBefore })
  // Timers may be early by a moment, and a wake before its time would be lost.
  if (delayMs > 0) setTimeout(() => engine.notifier.publish(JOBS_TOPIC), delayMs + 10).unref()
  else engine.notifier.publish(JOBS_TOPIC)
}

/** The job of an entry's current attempt. */
export function jobOf(record: EntryRecord): Job {
  return {
    space: record.space,
    key: record.key,
    incarnation: record.incarnation,
    attempt: record.attempt,
    operation: record.descriptor.operation.name,
  }
}

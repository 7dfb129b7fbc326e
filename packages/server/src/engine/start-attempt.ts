import type { EntryRecord } from '../ports/entry-store.js'
import type { Job } from '../ports/operation-queue.js'
import { changeEntry } from './change-entry.js'
import type { Engine } from './engine.js'
import { JOBS_TOPIC } from './topics.js'

/**
 * Begins the next attempt of an entry whose source is complete. A start is one compare-and-set, so of all who try only
 * one begins it; undefined for the others. A refresh keeps the `previous` result until the new one is there.
 */
export async function startAttempt(
  engine: Engine,
  record: EntryRecord,
  previous = record.phase.state === 'UPLOADING' ? record.phase.previous : undefined,
): Promise<EntryRecord | undefined> {
  const operation = engine.operations.get(record.descriptor.operation.name)
  const started = await changeEntry(engine, record, {
    attempt: record.attempt + 1,
    operationVersion: operation?.version ?? record.operationVersion,
    phase: { state: 'PROCESSING', lostWorkers: 0, ...(previous ? { previous } : {}) },
  })
  if (started) await enqueueAttempt(engine, started)
  return started
}

/** Hands the current attempt to the workers; doing so again changes nothing. */
export async function enqueueAttempt(engine: Engine, record: EntryRecord): Promise<void> {
  await engine.queue.enqueue(jobOf(record))
  engine.notifier.publish(JOBS_TOPIC)
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

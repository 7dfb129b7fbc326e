import type { Engine, LiveStarter } from '../../engine/engine.js'
import { changeEntry } from '../../engine/entries/change-entry.js'
import { jobOf } from '../../engine/entries/start-attempt.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { LEASE_MS } from '../lease.js'
import { runLiveAttempt } from '../run-attempt.js'

/**
 * Runs attempts on sources that are still coming, beside those of the worker: they wait for their senders, and must not
 * keep others waiting.
 */
export class LiveAttempts implements LiveStarter {
  readonly #running = new Set<Promise<void>>()
  #beginning = 0

  async begin(engine: Engine, record: EntryRecord): Promise<void> {
    const { phase, source, stream } = record
    if (phase.state !== 'UPLOADING' || phase.isLive || engine.closing.aborted) return
    if (source === undefined && stream === undefined) return
    const offered = engine.operations.get(record.descriptor.operation.name)
    if (!offered?.operation.streaming || (await offered.missingTool()) !== undefined) return
    if (this.#running.size + this.#beginning >= engine.limits.maxLiveAttempts) return
    this.#beginning += 1
    try {
      // The entry first: a job of an attempt that was not begun would stand in the way of the one that is.
      const begun = await changeEntry(engine, record, {
        attempt: record.attempt + 1,
        operationVersion: offered.version,
        phase: { ...phase, isLive: true },
        log: undefined,
      })
      const lease = begun && (await engine.queue.enqueueLeased(jobOf(begun), LEASE_MS))
      // Without one the source has come to its end meanwhile, and a worker is to run it.
      if (lease) this.#run(engine, lease, begun)
    } finally {
      this.#beginning -= 1
    }
  }

  /** Waits for those that run; they end early once the engine is closing. */
  async stop(): Promise<void> {
    await Promise.all(this.#running)
  }

  #run(engine: Engine, lease: Parameters<typeof runLiveAttempt>[1], record: EntryRecord): void {
    const run = runLiveAttempt(engine, lease, record)
      .catch((error: unknown) => engine.report(error, `running ${lease.job.operation}`))
      .finally(() => this.#running.delete(run))
    this.#running.add(run)
  }
}

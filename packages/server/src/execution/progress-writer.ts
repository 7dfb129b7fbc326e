import type { Engine } from '../engine/engine.js'
import { changeEntry } from '../engine/entries/change-entry.js'
import type { OperationProgress } from '../operations/operation.js'
import type { Lease } from '../ports/operation-queue.js'
import { findAttempt } from './find-attempt.js'

/** Progress that comes faster than this is not written. */
const PROGRESS_MS = 250

/** Writes an attempt's progress now and then; the last word before a pause is not lost. */
export class ProgressWriter {
  readonly #engine: Engine
  readonly #lease: Lease
  #latest: OperationProgress | undefined
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()
  #hasEnded = false

  constructor(engine: Engine, lease: Lease) {
    this.#engine = engine
    this.#lease = lease
  }

  /** @throws Error for what is no progress. */
  readonly tell = (progress: OperationProgress): void => {
    this.#latest = checkedProgress(progress)
    if (this.#hasEnded) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#writing = this.#write().catch(error => this.#engine.report(error, 'writing progress'))
    }, PROGRESS_MS)
  }

  /** Writes nothing any more once it resolves. */
  async end(): Promise<void> {
    this.#hasEnded = true
    clearTimeout(this.#timer)
    await this.#writing
  }

  async #write(): Promise<void> {
    const progress = this.#latest
    const record = await findAttempt(this.#engine, this.#lease)
    if (!progress || record?.phase.state !== 'PROCESSING') return
    await changeEntry(this.#engine, record, { phase: { ...record.phase, progress } })
  }
}

/** Operations are not all typed, and those in processes of their own may send anything. */
function checkedProgress(progress: OperationProgress): OperationProgress {
  if (typeof progress !== 'object' || progress === null) {
    throw new Error(`It told a progress of ${String(progress)}: tell { fraction, message }.`)
  }
  const { fraction, message } = progress as { fraction?: unknown; message?: unknown }
  if (fraction !== undefined && !(typeof fraction === 'number' && fraction >= 0 && fraction <= 1)) {
    throw new Error(`It told a progress of ${String(fraction)}, which is no fraction from 0 to 1.`)
  }
  return {
    ...(fraction === undefined ? {} : { fraction }),
    ...(message === undefined ? {} : { message: String(message).slice(0, 200).toWellFormed() }),
  }
}

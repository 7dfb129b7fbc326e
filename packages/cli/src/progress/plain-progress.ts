import type { Estimate, ProgressEvent } from '@opcache/sdk'
import { printable } from '../failure/printable.js'
import { clockMs } from '../process/clock.js'
import { estimateText, measureText, phaseTitle } from './phase-text.js'
import type { ProgressView } from './progress-view.js'

/** Often enough for who watches a log, and for what takes silence for death. */
const INTERVAL_MS = 15_000

/** For logs: a whole line now and then, without control codes. What is over sooner says nothing. */
export class PlainProgress implements ProgressView {
  readonly #label: string
  readonly #write: (line: string) => void
  readonly #now: () => number
  #toldAt: number

  constructor(label: string, write: (line: string) => void, now: () => number = clockMs) {
    this.#label = printable(label)
    this.#write = write
    this.#now = now
    this.#toldAt = now()
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.phase === 'done' || this.#now() - this.#toldAt < INTERVAL_MS) return
    this.#toldAt = this.#now()
    const measure = measureText(event)
    const estimate: Estimate = 'bytesPerSecond' in event ? event : {}
    const far = measure === undefined ? '' : ` ${measure}`
    this.#write(`${this.#label}: ${phaseTitle(event)}${far}${estimateText(estimate)}\n`)
  }

  clear(): void {
    // A line that was written stays.
  }
}

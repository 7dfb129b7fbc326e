import type { ProgressEvent } from '@opcache/sdk'
import { MultiBar, type SingleBar } from 'cli-progress'
import { printable } from '../failure/printable.js'
import { estimateText, measureText, movedBytes, phaseTitle } from './phase-text.js'
import type { ProgressView } from './progress-view.js'
import { shortened } from './terminal-progress.js'

/** A line for each source that is worked on, under one that counts them all; on stderr. */
export class ManyProgress {
  readonly #expected: number
  readonly #bars: MultiBar
  readonly #total: SingleBar
  readonly #mostLines: number
  #lines = 0
  #done = 0

  constructor({ sources, jobs }: { sources: number; jobs: number }) {
    this.#expected = sources
    // What scrolls away could not be drawn over.
    this.#mostLines = Math.min(jobs, Math.max(1, (process.stderr.rows || 24) - 3))
    this.#bars = new MultiBar({
      stream: process.stderr,
      // Lines are made here, for the width there is.
      format: (_options, _params, payload: { line: string }) => payload.line,
      hideCursor: true,
      clearOnComplete: true,
      // Signals are this program's own business.
      gracefulExit: false,
    })
    this.#total = this.#bars.create(1, 0, { line: this.#totalLine() })
  }

  open(source: string): ProgressView {
    const label = printable(source === '-' ? 'stdin' : source)
    let isOver = false
    let bar: SingleBar | undefined
    return {
      onProgress: event => {
        if (isOver || event.phase === 'done') return
        const line = progressLine(label, event, process.stderr.columns)
        if (bar) bar.update(0, { line })
        else if (this.#lines < this.#mostLines) {
          this.#lines += 1
          bar = this.#bars.create(1, 0, { line })
        }
      },
      clear: () => {
        if (isOver) return
        isOver = true
        this.#done += 1
        this.#total.update(0, { line: this.#totalLine() })
        if (!bar) return
        this.#lines -= 1
        this.#bars.remove(bar)
      },
    }
  }

  /** Writes above the lines. */
  write(text: string): void {
    this.#bars.log(text)
    this.#bars.update()
  }

  close(): void {
    this.#bars.stop()
  }

  #totalLine(): string {
    return `${this.#done} of ${this.#expected} done`
  }
}

/** What a source is doing, in one line that fits. */
export function progressLine(label: string, event: ProgressEvent, columns: number): string {
  const name = `  ${shortened(label, columns)}: ${phaseTitle(event)}`
  const moved = movedBytes(event)
  const fraction = moved?.totalBytes ? moved.bytes / moved.totalBytes : undefined
  const bar = fraction === undefined ? '' : ` ${drawnBar(fraction)}`
  const measured = measureText(event)
  const measure = measured === undefined ? '' : ` ${measured}`
  const estimate = 'bytesPerSecond' in event ? estimateText(event) : ''
  const whole = [`${name}${bar}${measure}${estimate}`, `${name}${measure}${estimate}`, `${name}${measure}`]
  return whole.find(line => line.length < columns) ?? whole[2]!.slice(0, Math.max(0, columns - 1))
}

function drawnBar(fraction: number): string {
  const filled = Math.round(Math.min(1, fraction) * 20)
  return `${'#'.repeat(filled)}${'-'.repeat(20 - filled)}`
}

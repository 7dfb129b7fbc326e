import type { MultiBar, SingleBar } from 'cli-progress'
import { printable } from '../failure/printable.js'
import { drawnBar, progressLine } from './progress-line.js'
import type { ProgressView } from './progress-view.js'

const INDENT = '  '

/** Erases all from the cursor on (ECMA-48, 8.3.39). */
const CLEAR_DOWN = '\u001b[0J'

/** A line for each source that is worked on, under one that counts them all; on stderr. */
export class ManyProgress {
  readonly #expected: number
  readonly #drawing: typeof import('./drawing.js')
  readonly #bars: MultiBar
  readonly #total: SingleBar
  readonly #mostLines: number
  readonly #close = () => this.close()
  #lines = 0
  #done = 0
  #isWriting = false

  constructor({ sources, jobs }: { sources: number; jobs: number }, drawing: typeof import('./drawing.js')) {
    this.#expected = sources
    this.#drawing = drawing
    // What scrolls away could not be drawn over.
    this.#mostLines = Math.min(jobs, Math.max(1, (process.stderr.rows || 24) - 3))
    this.#bars = new drawing.MultiBar({
      stream: process.stderr,
      // Lines are made here, for the width there is; those that are written above may be longer.
      format: (_options, _params, payload: { line: string }) => payload.line,
      linewrap: true,
      hideCursor: true,
      clearOnComplete: true,
      // What is written above the lines moves them, also those that stay the same.
      forceRedraw: true,
      // Signals are this program's own business.
      gracefulExit: false,
    })
    this.#bars.on('redraw-pre', () => {
      if (this.#isWriting) process.stderr.write(CLEAR_DOWN)
    })
    this.#total = this.#bars.create(1, 0, { line: this.#totalLine() })
    // A second Ctrl-C ends the process at once; the cursor must not stay hidden.
    process.once('exit', this.#close)
  }

  open(source: string): ProgressView {
    const label = printable(source === '-' ? 'stdin' : source)
    let isOver = false
    let bar: SingleBar | undefined
    return {
      onProgress: event => {
        if (isOver || event.phase === 'done') return
        const line =
          INDENT + progressLine(label, event, process.stderr.columns - INDENT.length, this.#drawing)
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

  /** Writes whole lines above the ones that are drawn. */
  write(text: string): void {
    this.#bars.log(text)
    this.#isWriting = true
    this.#bars.update()
    this.#isWriting = false
  }

  close(): void {
    process.off('exit', this.#close)
    this.#bars.stop()
  }

  #totalLine(): string {
    return `${drawnBar(this.#done / this.#expected)} ${this.#done} of ${this.#expected} done`
  }
}

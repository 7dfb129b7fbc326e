import type { ProgressEvent } from '@opcache/sdk'
import type { Ora } from 'ora'
import { printable } from '../failure/printable.js'
import { hasColors } from '../output/colors.js'
import { progressLine } from './progress-line.js'
import type { ProgressView } from './progress-view.js'

/** What a spinner puts before its text. */
const SPINNER_COLUMNS = 2

/** One line on stderr, drawn anew while something goes on. */
export class TerminalProgress implements ProgressView {
  readonly #label: string
  readonly #drawing: typeof import('./drawing.js')
  #spinner: Ora | undefined

  constructor(label: string, drawing: typeof import('./drawing.js')) {
    this.#label = printable(label)
    this.#drawing = drawing
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.phase === 'done') {
      this.clear()
      return
    }
    const text = progressLine(this.#label, event, process.stderr.columns - SPINNER_COLUMNS, this.#drawing)
    if (this.#spinner) this.#spinner.text = text
    else {
      const color = hasColors(process.stderr) ? 'cyan' : false
      // stdin may be the source.
      this.#spinner = this.#drawing.ora({ text, stream: process.stderr, discardStdin: false, color }).start()
    }
  }

  clear(): void {
    this.#spinner?.stop()
    this.#spinner = undefined
  }
}

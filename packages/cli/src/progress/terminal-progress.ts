import type { ProgressEvent } from '@opcache/sdk'
import ora, { type Ora } from 'ora'
import { printable } from '../failure/printable.js'
import { hasColors } from '../output/colors.js'
import { progressLine } from './progress-line.js'
import type { ProgressView } from './progress-view.js'

/** What a spinner puts before its text. */
const SPINNER_COLUMNS = 2

/** One line on stderr, drawn anew while something goes on. */
export class TerminalProgress implements ProgressView {
  readonly #label: string
  #spinner: Ora | undefined

  constructor(label: string) {
    this.#label = printable(label)
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.phase === 'done') {
      this.clear()
      return
    }
    const text = progressLine(this.#label, event, process.stderr.columns - SPINNER_COLUMNS)
    if (this.#spinner) this.#spinner.text = text
    else {
      const color = hasColors(process.stderr) ? 'cyan' : false
      // stdin may be the source.
      this.#spinner = ora({ text, stream: process.stderr, discardStdin: false, color }).start()
    }
  }

  clear(): void {
    this.#spinner?.stop()
    this.#spinner = undefined
  }
}

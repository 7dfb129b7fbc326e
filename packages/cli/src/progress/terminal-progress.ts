import type { Estimate, ProgressEvent } from '@opcache/sdk'
import { SingleBar } from 'cli-progress'
import ora, { type Ora } from 'ora'
import { printable } from '../failure/printable.js'
import { hasColors } from '../output/colors.js'
import { sizeText } from '../output/size-text.js'
import { estimateText, measureText, movedBytes, phaseTitle } from './phase-text.js'
import type { ProgressView } from './progress-view.js'

/** Less than this passes too quickly for a bar. */
const SMALLEST_BAR_BYTES = 8 * 2 ** 20

type Shown =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'spinner'; readonly spinner: Ora }
  | { readonly kind: 'bar'; readonly bar: SingleBar; readonly title: string }

/** A spinner for what has no measure, a bar for what has one; one of them at a time, on stderr. */
export class TerminalProgress implements ProgressView {
  readonly #label: string
  #shown: Shown = { kind: 'nothing' }

  constructor(label: string) {
    this.#label = printable(label)
  }

  readonly onProgress = (event: ProgressEvent): void => {
    if (event.phase === 'done') {
      this.clear()
      return
    }
    const moved = movedBytes(event)
    if (moved?.totalBytes !== undefined && moved.totalBytes >= SMALLEST_BAR_BYTES) {
      this.#advance(event.phase, moved.bytes, moved.totalBytes, 'bytesPerSecond' in event ? event : {})
      return
    }
    // What is small is over before its measure could be read.
    const measure = moved?.totalBytes === undefined ? measureText(event) : undefined
    this.#spin([phaseTitle(event), measure].filter(text => text !== undefined).join(' '))
  }

  clear(): void {
    const shown = this.#shown
    if (shown.kind === 'spinner') shown.spinner.stop()
    if (shown.kind === 'bar') shown.bar.stop()
    this.#shown = { kind: 'nothing' }
  }

  #advance(title: string, bytes: number, totalBytes: number, estimate: Estimate): void {
    const sizes = { bytes: sizeText(bytes), size: sizeText(totalBytes), estimate: estimateText(estimate) }
    if (this.#shown.kind === 'bar' && this.#shown.title === title) {
      this.#shown.bar.update(bytes, sizes)
      return
    }
    this.clear()
    const bar = new SingleBar({
      stream: process.stderr,
      format: barFormat(this.#label, title, process.stderr.columns),
      barCompleteChar: '#',
      barIncompleteChar: '-',
      barsize: 20,
      hideCursor: true,
      clearOnComplete: true,
      // Signals are this program's own business.
      gracefulExit: false,
    })
    bar.start(totalBytes, bytes, sizes)
    this.#shown = { kind: 'bar', bar, title }
  }

  #spin(title: string): void {
    const text = `${shortened(this.#label, process.stderr.columns)}: ${title}`
    if (this.#shown.kind === 'spinner') {
      this.#shown.spinner.text = text
      return
    }
    this.clear()
    // stdin may be the source.
    const color = hasColors(process.stderr) ? 'cyan' : false
    const spinner = ora({ text, stream: process.stderr, discardStdin: false, color }).start()
    this.#shown = { kind: 'spinner', spinner }
  }
}

/** What fits into a line: the percentage always, then the bytes, the estimate and the bar, as far as there is room. */
export function barFormat(label: string, title: string, columns: number): string {
  const name = `${shortened(label, columns)}: ${title}`
  const room = columns - name.length
  if (room < 26) return `${name} {percentage}%`
  if (room < 52) return `${name} {percentage}% {bytes} of {size}`
  if (room < 75) return `${name} {percentage}% {bytes} of {size}{estimate}`
  return `${name} {bar} {percentage}% {bytes} of {size}{estimate}`
}

/** A name that takes a third of the line at most; its end tells more than its middle. */
export function shortened(label: string, columns: number): string {
  const room = Math.max(12, Math.floor(columns / 3))
  if (label.length <= room) return label
  const tail = Math.ceil((room - 3) / 2)
  return `${label.slice(0, room - 3 - tail)}...${label.slice(-tail)}`
}

import type { Estimate, ProgressEvent } from '@opcache/sdk'
import { SingleBar } from 'cli-progress'
import ora, { type Ora } from 'ora'
import { printable } from '../failure/printable.js'
import { sizeText } from '../output/size-text.js'
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
    switch (event.phase) {
      case 'hashing':
        this.#bytes('hashing', event.bytes, event.totalBytes)
        break
      case 'asking':
        this.#spin('asking')
        break
      case 'uploading':
        this.#bytes('uploading', event.sentBytes + event.skippedBytes, event.totalBytes, event)
        break
      case 'waiting-for-connection':
        this.#spin(`waiting for the server, next try in ${Math.ceil(event.retryInMs / 1000)} s`)
        break
      case 'processing':
        this.#spin(processingTitle(event))
        break
      case 'downloading':
        this.#bytes('downloading', event.bytes, event.totalBytes, event)
        break
      case 'done':
        this.clear()
    }
  }

  clear(): void {
    const shown = this.#shown
    if (shown.kind === 'spinner') shown.spinner.stop()
    if (shown.kind === 'bar') shown.bar.stop()
    this.#shown = { kind: 'nothing' }
  }

  #bytes(title: string, bytes: number, totalBytes: number | undefined, estimate: Estimate = {}): void {
    if (totalBytes === undefined) this.#spin(`${title} ${sizeText(bytes)}`)
    else if (totalBytes < SMALLEST_BAR_BYTES) this.#spin(title)
    else this.#advance(title, bytes, totalBytes, estimate)
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
      format: `${this.#label}: ${title} {bar} {percentage}% {bytes} of {size}{estimate}`,
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
    const text = `${this.#label}: ${title}`
    if (this.#shown.kind === 'spinner') {
      this.#shown.spinner.text = text
      return
    }
    this.clear()
    // stdin may be the source.
    const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start()
    this.#shown = { kind: 'spinner', spinner }
  }
}

/** `, 2.1 MB/s, 1:05 left`, as far as it is known. */
export function estimateText({ bytesPerSecond, remainingMs }: Estimate): string {
  if (bytesPerSecond === undefined || remainingMs === undefined) return ''
  const seconds = Math.ceil(remainingMs / 1000)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const twoDigits = (value: number) => String(value).padStart(2, '0')
  const time = hours > 0 ? `${hours}:${twoDigits(minutes)}` : String(minutes)
  return `, ${sizeText(bytesPerSecond)}/s, ${time}:${twoDigits(seconds % 60)} left`
}

function processingTitle({ fraction, message }: ProgressEvent & { phase: 'processing' }): string {
  const title = message === undefined ? 'processing' : printable(message)
  return fraction === undefined ? title : `${title} ${Math.floor(fraction * 100)}%`
}

import {
  BlockMap,
  type BlockRange,
  blockCount,
  blockLength,
  type ContentDocument,
  MISSING_RANGES_LIMIT,
  rangeBytes,
} from '@opcache/protocol'
import type { ProgressReporter } from '../progress-reporter.js'
import type { UploadReport } from '../run/run-result.js'
import { missingOf, presentOf } from './plan-parts.js'

/** Counts what an upload sent and what it could leave out. */
export class UploadLedger {
  readonly #totalBytes: number
  readonly #sent: BlockMap
  readonly #progress: ProgressReporter
  readonly #doubtful: BlockRange[] = []
  #sentBytes = 0
  #skippedBytes = 0

  constructor(totalBytes: number, progress: ProgressReporter) {
    this.#totalBytes = totalBytes
    this.#sent = new BlockMap(blockCount(totalBytes))
    this.#progress = progress
  }

  /** These blocks were sent by this call and are stored. */
  acknowledge(range: BlockRange): void {
    const [first, count] = range
    for (let index = first; index < first + count; index++) {
      if (this.#sent.add([index, 1]) === 1) this.#sentBytes += blockLength(this.#totalBytes, index)
    }
    this.#report()
  }

  /** These blocks were sent, at least some of them, but the connection was lost before the server said what arrived. */
  doubt(part: BlockRange): void {
    this.#doubtful.push(part)
  }

  /** Of this part, that was sent, `missing` did not arrive. */
  settle(part: BlockRange, missing: readonly BlockRange[]): void {
    for (const arrived of presentOf(part, missing)) this.acknowledge(arrived)
  }

  /** What is stored and was not sent by this call needs no sending; to be told only while nothing is under way. */
  resync(document: ContentDocument): void {
    const isAll = document.missing.length < MISSING_RANGES_LIMIT
    for (const part of this.#doubtful) this.settle(part, missingOf(part, document.missing, isAll))
    let storedBytes = this.#totalBytes
    for (const range of document.missing) storedBytes -= rangeBytes(this.#totalBytes, range)
    this.#skippedBytes = Math.max(0, storedBytes - this.#sentBytes)
    this.#report()
  }

  /** All is there. */
  complete(): void {
    for (const part of this.#doubtful.splice(0)) this.settle(part, [])
    this.#skippedBytes = this.#totalBytes - this.#sentBytes
    this.#report()
  }

  report(): UploadReport {
    return { uploadedBytes: this.#sentBytes, uploadedBlocks: this.#sent.blocks - this.#sent.missingBlocks }
  }

  #report(): void {
    this.#progress.report({
      phase: 'uploading',
      sentBytes: this.#sentBytes,
      totalBytes: this.#totalBytes,
      skippedBytes: this.#skippedBytes,
    })
  }
}

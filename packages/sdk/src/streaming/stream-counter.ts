import type { UploadReport } from '../run/run-result.js'
import type { Call } from '../transport/call.js'
import type { PartReport } from './stream-part.js'
import type { HeldBlock } from './stream-window.js'

/** Counts what a stream's upload sent and what it could leave out, and tells it. */
export class StreamCounter {
  readonly #call: Call
  #sentBlocks = 0
  #sentBytes = 0
  #skippedBytes = 0

  constructor(call: Call) {
    this.#call = call
  }

  add({ sent, skipped }: PartReport): void {
    this.#sentBlocks += sent.length
    this.#sentBytes += bytesOf(sent)
    this.#skippedBytes += bytesOf(skipped)
    this.#call.progress.report({
      phase: 'uploading',
      sentBytes: this.#sentBytes,
      skippedBytes: this.#skippedBytes,
    })
  }

  report(): UploadReport {
    return { uploadedBytes: this.#sentBytes, uploadedBlocks: this.#sentBlocks }
  }
}

function bytesOf(blocks: readonly HeldBlock[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

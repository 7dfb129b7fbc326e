import type { SourceReader, StoredSource } from './stored-source.js'

/** Bytes in memory. They are not copied: leave them alone until the call is done. */
export class MemorySource implements StoredSource, SourceReader {
  readonly label = 'The source in memory'
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get size(): number {
    return this.#bytes.length
  }

  async open(): Promise<SourceReader> {
    return this
  }

  async *chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (start < end) yield this.#bytes.subarray(start, end)
  }

  /** Nothing tells that memory was written to; the digests of the blocks do. */
  async assertUnchanged(): Promise<void> {
    return
  }

  async dispose(): Promise<void> {
    return
  }

  async close(): Promise<void> {
    return
  }
}

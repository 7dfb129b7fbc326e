import type { SourceReader, StoredSource } from './stored-source.js'

/** Bytes in memory, in one piece or several. They are not copied: leave them alone until the call is done. */
export class MemorySource implements StoredSource, SourceReader {
  readonly label = 'The source in memory'
  readonly size: number
  readonly #pieces: readonly Uint8Array[]

  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces
    this.size = pieces.reduce((sum, { length }) => sum + length, 0)
  }

  async open(): Promise<SourceReader> {
    return this
  }

  async *chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    let at = 0
    for (const piece of this.#pieces) {
      const wanted = piece.subarray(Math.max(0, start - at), Math.max(0, end - at))
      if (wanted.length > 0) yield wanted
      at += piece.length
    }
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

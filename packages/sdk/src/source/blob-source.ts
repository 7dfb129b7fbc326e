import { SourceChangedError } from '../errors/source-changed-error.js'
import { SourceError } from '../errors/source-error.js'
import { READ_BYTES } from './read-size.js'
import type { SourceReader, StoredSource } from './stored-source.js'

/** A Blob or File; one that stands for a file on disk is read as it is needed. */
export class BlobSource implements StoredSource, SourceReader {
  readonly label = 'The blob'
  readonly #blob: Blob

  constructor(blob: Blob) {
    this.#blob = blob
  }

  get size(): number {
    return this.#blob.size
  }

  async open(): Promise<SourceReader> {
    return this
  }

  async *chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end; ) {
      const piece = await this.#read(at, Math.min(end, at + READ_BYTES))
      if (piece.length === 0) throw new SourceChangedError(this.label)
      at += piece.length
      yield piece
    }
  }

  /** A blob of a changed file cannot be read any more; see {@link chunks}. */
  async assertUnchanged(): Promise<void> {
    return
  }

  async dispose(): Promise<void> {
    return
  }

  async close(): Promise<void> {
    return
  }

  async #read(start: number, end: number): Promise<Uint8Array> {
    try {
      return new Uint8Array(await this.#blob.slice(start, end).arrayBuffer())
    } catch (error) {
      // The File API's way to say that the file behind a blob was modified.
      if ((error as Error).name === 'NotReadableError') throw new SourceChangedError(this.label, error)
      throw new SourceError(
        'source-unreadable',
        `The blob cannot be read: ${(error as Error).message}.`,
        error,
      )
    }
  }
}

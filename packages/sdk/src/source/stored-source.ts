/** Bytes of known length that can be read any number of times, by ranges. */
export interface StoredSource {
  /** Bytes. */
  readonly size: number
  /** How people call it, at the start of a sentence. */
  readonly label: string
  /** Opens it for reading. @throws SourceError, SourceChangedError */
  open(): Promise<SourceReader>
  /** Releases what keeps the bytes; there is nothing to release for bytes that are the caller's. */
  dispose(): Promise<void>
}

/** Reads a stored source; close it in the end. */
export interface SourceReader {
  /** Of the open file, where the bytes are one: other threads may read by it until `close` is called. */
  readonly descriptor?: number
  /**
   * The bytes from `start` up to but not including `end`. A chunk is valid until the next one is asked for.
   *
   * @throws SourceChangedError when they are no longer there, SourceError when they cannot be read.
   */
  chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined>
  /** @throws SourceChangedError when the source is known to be another one than it was at first. */
  assertUnchanged(): Promise<void>
  close(): Promise<void>
}

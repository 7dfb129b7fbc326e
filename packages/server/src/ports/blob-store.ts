import type { Readable } from 'node:stream'

/** What a store can do, in blocks of 1 MiB. */
export interface BlobCapabilities {
  /** Blocks that can only be stored together. */
  readonly unitBlocks: number
  /** Blocks of a part of the preferred size. */
  readonly partBlocks: number
  /** Blocks of the largest part. */
  readonly maxPartBlocks: number
}

/** Writes the blocks of one blob; several may be open on the same blob. */
export interface BlobWriter {
  /**
   * Stores the bytes of block `index`, all or nothing. When it resolves they MUST survive the death of the process.
   * The caller may reuse `bytes` afterwards.
   *
   * @throws ProtocolError `storage-full` when there is no space; what was stored before stays.
   */
  writeBlock(index: number, bytes: Uint8Array): Promise<void>
  /**
   * Waits until what this writer has stored is as safe as the store was opened to keep it: on the disk, or nothing more.
   * Called before a record says that it is there.
   *
   * @throws ProtocolError `storage-full`, others; what was stored since the last time may be lost then.
   */
  sync(): Promise<void>
  /** Ends writing. */
  close(): Promise<void>
}

/** Keeps bytes under names that the engine makes: unique, and safe as file names. */
export interface BlobStore {
  readonly capabilities: BlobCapabilities

  /** Opens a blob for writing and creates it where it is not there. */
  openWriter(blob: string): Promise<BlobWriter>

  /** Whether the blob is there, with whatever blocks. */
  has(blob: string): Promise<boolean>

  /**
   * The bytes from `start` up to but not including `end`; they must have been written. A reader that was opened before
   * a deletion MUST read on to its end or fail; it MUST NOT give other bytes.
   */
  read(blob: string, start: number, end: number): Readable

  /** A local file with the blob's bytes, or undefined where the store has no local files. Never write to it. */
  localPath(blob: string): string | undefined

  /** Removes the blob; removing one that is not there is no error. */
  delete(blob: string): Promise<void>

  /** The names of all blobs, in any order; those that come or go meanwhile may be among them or not. */
  names(): AsyncIterable<string>

  /** Bytes that can still be stored; Infinity where nobody knows. */
  availableBytes(): Promise<number>
}

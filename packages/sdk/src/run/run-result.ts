import type { Readable } from 'node:stream'
import type { ContentId, EntryKey, ResultDocument, Served } from '@opcache/protocol'
import type { CallOptions, FileOptions } from '../options.js'

/** A result, ready to be fetched, as often as you like. Only verified bytes are ever handed out. */
export interface CachedResult {
  /** Key of the entry. */
  readonly key: EntryKey
  /** Content id, size in bytes, media type and safe file name. */
  readonly result: ResultDocument
  /** The bytes, as they arrive and are verified. Errors with an `IntegrityError` rather than give a wrong byte. */
  stream(options?: CallOptions): Readable
  /** The bytes, whole. @throws IntegrityError */
  bytes(options?: CallOptions): Promise<Uint8Array>
  /** The bytes as UTF-8 text. @throws IntegrityError */
  text(options?: CallOptions): Promise<string>
  /** Writes the bytes to `path`, whole or not at all. @throws OutputError, IntegrityError */
  toFile(path: string, options?: FileOptions): Promise<void>
}

/** What an upload sent. */
export interface UploadReport {
  /** Bytes of the source that this call sent. */
  readonly uploadedBytes: number
  /** Blocks of the source that this call sent. */
  readonly uploadedBlocks: number
}

/** The result of a run. */
export interface RunResult extends CachedResult, UploadReport {
  /** From the cache, by an attempt that others began, or by one that this call began. */
  readonly served: Served
  /** The source; undefined when a resource was found without reading it. */
  readonly content: { readonly id: ContentId; readonly size: number } | undefined
  /** Where the result was written to, as `output` named it. */
  readonly path: string | undefined
}

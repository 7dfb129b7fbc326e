import { type FileHandle, open } from 'node:fs/promises'
import { SourceChangedError } from '../errors/source-changed-error.js'
import { type FileFingerprint, isSameFile } from './file-fingerprint.js'
import { EndOfFile, readRange } from './read-range.js'
import type { SourceReader, StoredSource } from './stored-source.js'
import { unreadable } from './unreadable.js'

/** A regular file. It is opened when it is read and must be the same each time. */
export class FileSource implements StoredSource {
  readonly path: string
  readonly fingerprint: FileFingerprint

  constructor(path: string, fingerprint: FileFingerprint) {
    this.path = path
    this.fingerprint = fingerprint
  }

  get size(): number {
    return Number(this.fingerprint.size)
  }

  get label(): string {
    return `The file ${this.path}`
  }

  async open(): Promise<SourceReader> {
    const handle = await open(this.path, 'r').catch(error => {
      throw unreadable(this.path, error)
    })
    const reader = new FileReader(handle, this.path, this.fingerprint)
    try {
      await reader.assertUnchanged()
      return reader
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  async dispose(): Promise<void> {
    return
  }
}

class FileReader implements SourceReader {
  readonly #handle: FileHandle
  readonly #path: string
  readonly #fingerprint: FileFingerprint

  constructor(handle: FileHandle, path: string, fingerprint: FileFingerprint) {
    this.#handle = handle
    this.#path = path
    this.#fingerprint = fingerprint
  }

  get descriptor(): number {
    return this.#handle.fd
  }

  async *chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* readRange(this.#handle, start, end)
    } catch (error) {
      if (error instanceof EndOfFile) throw new SourceChangedError(`The file ${this.#path}`, error)
      throw unreadable(this.#path, error)
    }
  }

  async assertUnchanged(): Promise<void> {
    const now = await this.#handle.stat({ bigint: true })
    if (!isSameFile(now, this.#fingerprint)) throw new SourceChangedError(`The file ${this.#path}`)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

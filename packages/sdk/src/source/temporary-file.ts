import { randomUUID } from 'node:crypto'
import { type FileHandle, open, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SourceError } from '../errors/source-error.js'
import { readRange } from './read-range.js'
import type { SourceReader, StoredSource } from './stored-source.js'

/**
 * A file of this process alone, readable by this user alone. Its name is removed as soon as it is open, so that nothing
 * stays behind however the process ends; where the system does not allow that, it is removed by `dispose`.
 */
export class TemporaryFile implements StoredSource, SourceReader {
  readonly label = 'The spooled source'
  readonly #handle: FileHandle
  readonly #leftover: string | undefined
  #size = 0
  #isDisposed = false

  private constructor(handle: FileHandle, leftover: string | undefined) {
    this.#handle = handle
    this.#leftover = leftover
  }

  static async create(): Promise<TemporaryFile> {
    const path = join(tmpdir(), `opcache-${randomUUID()}.spool`)
    try {
      const handle = await open(path, 'wx+', 0o600)
      const isUnlinked = await unlink(path).then(
        () => true,
        () => false,
      )
      return new TemporaryFile(handle, isUnlinked ? undefined : path)
    } catch (error) {
      throw noRoom(error)
    }
  }

  get size(): number {
    return this.#size
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const { bytesWritten } = await this.#handle
        .write(chunk, at, chunk.length - at, this.#size)
        .catch(error => {
          throw noRoom(error)
        })
      at += bytesWritten
      this.#size += bytesWritten
    }
  }

  async open(): Promise<SourceReader> {
    return this
  }

  chunks(start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    return readRange(this.#handle, start, end)
  }

  /** Nobody else knows the file. */
  async assertUnchanged(): Promise<void> {
    return
  }

  async close(): Promise<void> {
    return
  }

  async dispose(): Promise<void> {
    if (this.#isDisposed) return
    this.#isDisposed = true
    await this.#handle.close()
    if (this.#leftover) await unlink(this.#leftover)
  }
}

function noRoom(cause: unknown): SourceError {
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((cause as NodeJS.ErrnoException).code ?? '')
  return new SourceError(
    isFull ? 'spool-full' : 'source-unreadable',
    `The source stream cannot be kept in ${tmpdir()}: ${(cause as Error).message}. Make room there, or set TMPDIR.`,
    cause,
  )
}

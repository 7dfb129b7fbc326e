import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OutputError } from '../errors/output-error.js'
import { lockPart } from './part-lock.js'
import { outputExists, unwritable } from './unwritable.js'

/**
 * Checks that a result could be written to `path`, before anything is done for it.
 *
 * @throws OutputError
 */
export async function checkOutput(path: string, force: boolean): Promise<void> {
  const folder = dirname(path)
  const folderStats = await stat(folder).catch(error => {
    throw unwritable(path, error)
  })
  if (!folderStats.isDirectory()) {
    throw new OutputError('output-not-writable', `${folder} is not a folder, so ${path} cannot be written.`)
  }
  await access(folder, constants.W_OK | constants.X_OK).catch(error => {
    throw unwritable(path, error)
  })
  const there = await stat(path).catch(() => undefined)
  if (there?.isDirectory()) {
    throw new OutputError('output-not-writable', `${path} is a folder; name a file in it.`)
  }
  if (there && !force) throw outputExists(path)
}

/** A file in the making: it appears under its name when it is whole, or not at all. */
export class OutputFile {
  readonly #path: string
  readonly #partPath: string
  readonly #handle: FileHandle
  readonly #unlock: () => void
  /** Bytes that an earlier download left: nobody has verified them yet. */
  readonly leftBytes: number

  private constructor(path: string, part: OpenPart) {
    this.#path = path
    this.#partPath = part.path
    this.#handle = part.handle
    this.#unlock = part.unlock ?? (() => undefined)
    this.leftBytes = part.leftBytes ?? 0
  }

  /** Begins `<name>.<random>.part` beside `path`. @throws OutputError */
  static async begin(path: string): Promise<OutputFile> {
    const partPath = `${path}.${randomUUID().slice(0, 8)}.part`
    const handle = await open(partPath, 'wx').catch(error => {
      throw unwritable(path, error)
    })
    return new OutputFile(path, { path: partPath, handle })
  }

  /**
   * Begins `<name>.<first 16 digits of the content id>.part` beside `path`, or goes on with the one that is there, so
   * that what a killed process left does not stay for ever. While another process writes to it, this one begins a file
   * of its own.
   *
   * @throws OutputError
   */
  static async resume(path: string, { id, size }: OutputContent): Promise<OutputFile> {
    const partPath = `${path}.${id.slice(0, 16)}.part`
    const unlock = lockPart(partPath)
    if (!unlock) return OutputFile.begin(path)
    try {
      const { handle, leftBytes } = await openPart(partPath, size)
      return new OutputFile(path, { path: partPath, handle, leftBytes, unlock })
    } catch (error) {
      unlock()
      throw unwritable(path, error)
    }
  }

  /** Puts bytes at their place. @throws OutputError */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle
        .write(bytes, at, bytes.length - at, position + at)
        .catch(error => {
          throw unwritable(this.#path, error)
        })
      at += bytesWritten
    }
  }

  /** Fills `bytes` with what is at `position`; answers false where the file is shorter. @throws OutputError */
  async read(bytes: Uint8Array, position: number): Promise<boolean> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesRead } = await this.#handle
        .read(bytes, at, bytes.length - at, position + at)
        .catch(error => {
          throw unwritable(this.#path, error)
        })
      if (bytesRead === 0) return false
      at += bytesRead
    }
    return true
  }

  /** Gives the file its name. @throws OutputError `output-exists` when there is one by now and `force` is not set. */
  async publish(force: boolean): Promise<void> {
    await this.#handle.close()
    try {
      if (force) await rename(this.#partPath, this.#path)
      else await this.#publishAsNew()
      this.#unlock()
    } catch (error) {
      throw error instanceof OutputError ? error : unwritable(this.#path, error)
    }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await unlink(this.#partPath).catch(() => undefined)
    this.#unlock()
  }

  /** Leaves what there is to a later {@link resume}. */
  async keep(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    this.#unlock()
  }

  /** Unlike a rename, a link never replaces a file that appeared meanwhile. */
  async #publishAsNew(): Promise<void> {
    try {
      await link(this.#partPath, this.#path)
      await unlink(this.#partPath)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') throw outputExists(this.#path, error)
      // Some file systems have no links: the name is reserved there, then taken over.
      await (await this.#reserve()).close()
      await rename(this.#partPath, this.#path)
    }
  }

  #reserve(): Promise<FileHandle> {
    return open(this.#path, 'wx').catch(error => {
      throw error.code === 'EEXIST' ? outputExists(this.#path, error) : error
    })
  }
}

/** What a file is to hold. */
export interface OutputContent {
  readonly id: string
  /** Bytes. */
  readonly size: number
}

interface OpenPart {
  readonly path: string
  readonly handle: FileHandle
  readonly leftBytes?: number
  readonly unlock?: () => void
}

/** Opens a part under a name that others can foretell: what they put there in its place is not written to. */
async function openPart(path: string, sizeBytes: number): Promise<{ handle: FileHandle; leftBytes: number }> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW = 0 } = constants
  const handle = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0o666)
  const stats = await handle.stat()
  const isOwn = process.getuid === undefined || stats.uid === process.getuid()
  if (stats.isFile() && stats.nlink === 1 && isOwn) {
    // Whatever follows the content in there would be published with it.
    if (stats.size > sizeBytes) await handle.truncate(sizeBytes)
    return { handle, leftBytes: Math.min(stats.size, sizeBytes) }
  }
  await handle.close()
  throw new Error('its part file belongs to somebody else')
}

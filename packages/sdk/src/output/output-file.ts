import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, link, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OutputError } from '../errors/output-error.js'
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

  private constructor(path: string, partPath: string, handle: FileHandle) {
    this.#path = path
    this.#partPath = partPath
    this.#handle = handle
  }

  /** Begins `<name>.<random>.part` beside `path`. @throws OutputError */
  static async begin(path: string): Promise<OutputFile> {
    const partPath = join(dirname(path), `${basename(path)}.${randomUUID().slice(0, 8)}.part`)
    const handle = await open(partPath, 'wx').catch(error => {
      throw unwritable(path, error)
    })
    return new OutputFile(path, partPath, handle)
  }

  /** @throws OutputError */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at).catch(error => {
        throw unwritable(this.#path, error)
      })
      at += bytesWritten
    }
  }

  /** Gives the file its name. @throws OutputError `output-exists` when there is one by now and `force` is not set. */
  async publish(force: boolean): Promise<void> {
    await this.#handle.close()
    try {
      if (force) await rename(this.#partPath, this.#path)
      else await this.#publishAsNew()
    } catch (error) {
      throw error instanceof OutputError ? error : unwritable(this.#path, error)
    }
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => undefined)
    await unlink(this.#partPath).catch(() => undefined)
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

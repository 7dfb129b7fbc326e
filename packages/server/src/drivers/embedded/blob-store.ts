import { constants } from 'node:fs'
import { access, type FileHandle, mkdir, open, opendir, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { BLOCK_BYTES, ProtocolError } from '@opcache/protocol'
import type { BlobCapabilities, BlobStore, BlobWriter } from '../../ports/blob-store.js'
import type { Durability } from '../../ports/durability.js'
import { BlobReader } from './blob-reader.js'
import { syncFolder } from './sync-folder.js'
import { Turns } from './turns.js'

/**
 * Keeps each blob as one sparse file, into which blocks are written at their place, so that nothing is put together
 * afterwards. Which blocks of a file count is for the records to say.
 */
export class EmbeddedBlobStore implements BlobStore {
  readonly capabilities: BlobCapabilities = { unitBlocks: 1, partBlocks: 8, maxPartBlocks: 64 }
  readonly #folder: string
  readonly #durability: Durability
  readonly #writing = new Turns()
  /** Folders whose own names are on the disk: 256 at most. */
  readonly #synced = new Set<string>()

  constructor(folder: string, durability: Durability) {
    this.#folder = folder
    this.#durability = durability
  }

  async openWriter(blob: string): Promise<BlobWriter> {
    const path = this.localPath(blob)
    const file = await openForWriting(path)
    return {
      writeBlock: (index, bytes) => this.#writing.run(path, () => writeAt(file, bytes, index * BLOCK_BYTES)),
      sync: () => this.#sync(file, dirname(path)),
      close: () => file.close(),
    }
  }

  async has(blob: string): Promise<boolean> {
    try {
      await access(this.localPath(blob))
      return true
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false
      throw error
    }
  }

  read(blob: string, start: number, end: number): Readable {
    return start >= end
      ? Readable.from([], { objectMode: false })
      : new BlobReader(this.localPath(blob), start, end)
  }

  localPath(blob: string): string {
    return join(this.#folder, blob.slice(0, 2), blob)
  }

  async delete(blob: string): Promise<void> {
    await rm(this.localPath(blob), { force: true })
  }

  /**
   * By the file that wrote the bytes: a failure to write them back is told to those that were open when it happened. The
   * name may be another process's, which has yet to sync it.
   */
  async #sync(file: FileHandle, folder: string): Promise<void> {
    if (this.#durability === 'process') return
    try {
      await file.datasync()
      await syncFolder(folder)
      if (this.#synced.has(folder)) return
      await syncFolder(this.#folder)
      this.#synced.add(folder)
    } catch (error) {
      throw asStorageFull(error)
    }
  }

  async *names(): AsyncIterable<string> {
    for await (const { name: start } of await opendir(this.#folder)) {
      for await (const { name } of await opendir(join(this.#folder, start))) yield name
    }
  }

  async availableBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder)
    return bavail * bsize
  }
}

async function openForWriting(path: string): Promise<FileHandle> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    return await open(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
  } catch (error) {
    throw asStorageFull(error)
  }
}

/** A write may be short, as before a disk is full: goes on until all bytes are written or an error tells why not. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  try {
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
      written += bytesWritten
    }
  } catch (error) {
    throw asStorageFull(error)
  }
}

/** The path stays in the cause: what an error says goes to clients. */
function asStorageFull(error: unknown): unknown {
  const code = codeOf(error)
  if (!code || !['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code)) return error
  return new ProtocolError(
    'storage-full',
    `The disk of the store is full: bytes cannot be written (${code}).`,
    { cause: error },
  )
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

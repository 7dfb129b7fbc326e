import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { readContent } from '../engine/contents/read-content.js'
import { useContent } from '../engine/contents/use-content.js'
import type { Engine } from '../engine/engine.js'
import type { OperationInput } from '../operations/operation.js'
import type { ContentRecord } from '../ports/content-store.js'

/** What an attempt works on. */
export interface AttemptSource extends OperationInput {
  /** Whether all of it is there, as a file where one is wanted. */
  readonly isStored: boolean
  /** Keeps it from being forgotten while it is worked on. */
  keep(): Promise<void>
  /** Waits until all of it is there, and the entry knows. @throws when that will not be */
  completed(): Promise<void>
  /** Removes what was made for this attempt. */
  dispose(): Promise<void>
}

/** A complete content. Stores without local files get a copy for those who need a path. */
export class StoredSource implements AttemptSource {
  readonly isStored = true
  readonly #engine: Engine
  readonly #content: ContentRecord
  readonly #copyPath: string
  #copy: Promise<string> | undefined

  constructor(engine: Engine, content: ContentRecord) {
    this.#engine = engine
    this.#content = content
    this.#copyPath = join(engine.scratchFolder, randomUUID())
  }

  get size(): number {
    return this.#content.size
  }

  stream(): Readable {
    return readContent(this.#engine, this.#content)
  }

  path(): Promise<string> {
    const local = this.size > 0 ? this.#engine.blobs.localPath(this.#content.blob) : undefined
    if (local !== undefined) return Promise.resolve(local)
    this.#copy ??= this.#makeCopy()
    return this.#copy
  }

  async keep(): Promise<void> {
    await useContent(this.#engine, this.#content)
  }

  completed(): Promise<void> {
    return Promise.resolve()
  }

  async dispose(): Promise<void> {
    if (!this.#copy) return
    await this.#copy.catch(() => undefined)
    await rm(this.#copyPath, { force: true })
  }

  async #makeCopy(): Promise<string> {
    await pipeline(this.stream(), createWriteStream(this.#copyPath, { mode: 0o600 }))
    return this.#copyPath
  }
}

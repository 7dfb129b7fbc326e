import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { OperationInput } from '../../operations/operation.js'
import { RUNNER_DESCRIPTORS } from './runner-descriptors.js'

/** A source that comes through a pipe while the operation runs; it can be read once. */
export class PipeInput implements OperationInput {
  readonly #folder: string
  #path: Promise<string> | undefined
  #isRead = false

  constructor(
    readonly size: number,
    folder: string,
  ) {
    this.#folder = folder
  }

  stream(): Readable {
    if (this.#isRead) {
      throw new Error(
        'A source that is still coming can be read once: an operation that streams reads it once.',
      )
    }
    this.#isRead = true
    return createReadStream('', { fd: RUNNER_DESCRIPTORS.input })
  }

  path(): Promise<string> {
    this.#path ??= this.#keep(join(this.#folder, 'source'))
    return this.#path
  }

  async #keep(path: string): Promise<string> {
    await pipeline(this.stream(), createWriteStream(path, { mode: 0o600 }))
    return path
  }
}

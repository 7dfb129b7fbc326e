import { randomUUID } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../engine/engine.js'

/** A folder of one attempt, made when it is first asked for. */
export class AttemptFolder {
  readonly #path: string
  #making: Promise<string> | undefined

  constructor({ scratchFolder }: Engine) {
    this.#path = join(scratchFolder, randomUUID())
  }

  readonly make = (): Promise<string> => {
    this.#making ??= mkdir(this.#path, { mode: 0o700 }).then(() => this.#path)
    return this.#making
  }

  async remove(): Promise<void> {
    if (!this.#making) return
    await this.#making.catch(() => undefined)
    // A process that is being killed may write for a moment yet.
    await rm(this.#path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

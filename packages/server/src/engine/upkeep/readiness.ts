import { randomUUID } from 'node:crypto'
import type { Engine } from '../engine.js'

/** Whoever asks more often gets the same answer again: asking must not be a way to keep a server busy. */
const FRESH_MS = 1_000

/** Why a server cannot work now. */
export type NotReady = 'closing' | 'storage-full' | 'storage-not-writable' | 'no-worker'

/** Finds out whether a server can work, by trying. */
export class Readiness {
  readonly #engine: Engine
  readonly #isWorking: () => boolean
  #found: Promise<readonly NotReady[]> | undefined
  #foundAt = 0

  constructor(engine: Engine, isWorking: () => boolean) {
    this.#engine = engine
    this.#isWorking = isWorking
  }

  /** What is in the way; nothing when the server is ready. */
  async reasons(): Promise<readonly NotReady[]> {
    if (this.#engine.closing.aborted) return ['closing']
    const now = performance.now()
    if (!this.#found || now - this.#foundAt > FRESH_MS) {
      this.#foundAt = now
      this.#found = this.#find()
    }
    return this.#found
  }

  async #find(): Promise<readonly NotReady[]> {
    const storage = await this.#storageProblem()
    return [...(storage ? [storage] : []), ...(this.#isWorking() ? [] : ['no-worker' as const])]
  }

  /** Stores a block and reads a record: a full disk or a lost mount shows itself only then. */
  async #storageProblem(): Promise<NotReady | undefined> {
    const { blobs, queue } = this.#engine
    const blob = randomUUID()
    try {
      await queue.waiting()
      if ((await blobs.availableBytes()) <= this.#engine.limits.minFreeBytes) return 'storage-full'
      const writer = await blobs.openWriter(blob)
      try {
        await writer.writeBlock(0, new Uint8Array([1]))
      } finally {
        await writer.close()
        await blobs.delete(blob)
      }
      return undefined
    } catch (error) {
      this.#engine.report(error, 'trying whether the store can be written')
      return 'storage-not-writable'
    }
  }
}

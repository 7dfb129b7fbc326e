import type { BlockRange } from '@opcache/protocol'

/**
 * Commits blocks while more of them are being stored: one commit is under way at a time, and what is stored meanwhile
 * goes into the next one. So a process that dies loses the blocks of a part that were on their way, not the part, and a
 * store that is slow to commit is asked less often.
 */
export class StoredBlocks<Committed> {
  readonly #commit: (blocks: readonly BlockRange[]) => Promise<Committed>
  #waiting: BlockRange[] = []
  #committing: Promise<void> | undefined
  #last: { readonly committed: Committed } | undefined
  #failure: { readonly error: unknown } | undefined

  /** `commit` marks blocks as present whose bytes are stored. */
  constructor(commit: (blocks: readonly BlockRange[]) => Promise<Committed>) {
    this.#commit = commit
  }

  /** Takes a block whose bytes are stored. @throws what an earlier commit failed with: more bytes would be in vain */
  add(index: number): void {
    if (this.#failure) throw this.#failure.error
    this.#waiting.push([index, 1])
    this.#committing ??= this.#commitWaiting()
  }

  /** Waits until every block is committed, and answers the last commit: an empty one where there was no block. */
  async finish(): Promise<Committed> {
    await this.#committing
    if (this.#failure) throw this.#failure.error
    return this.#last ? this.#last.committed : this.#commit([])
  }

  /** Never rejects: a failure is told to who comes next. */
  async #commitWaiting(): Promise<void> {
    try {
      while (this.#waiting.length > 0) this.#last = { committed: await this.#commit(this.#take()) }
    } catch (error) {
      this.#failure = { error }
    } finally {
      this.#committing = undefined
    }
  }

  #take(): BlockRange[] {
    const taken = this.#waiting
    this.#waiting = []
    return taken
  }
}

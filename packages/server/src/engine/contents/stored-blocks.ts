import type { BlockRange } from '@opcache/protocol'

/** How long blocks wait for others after a commit: a store on a fast line is asked a few times a second, not for each block. */
const GATHER_MS = 250

/**
 * Commits blocks while more of them are being stored: the first one at once, and what is stored after a commit together,
 * {@link GATHER_MS} later. So a process that dies loses the blocks of a part that were on their way, not the part, and
 * who follows the blocks as they come sees each soon.
 */
export class StoredBlocks<Committed> {
  readonly #commit: (blocks: readonly BlockRange[]) => Promise<Committed>
  #waiting: BlockRange[] = []
  #timer: NodeJS.Timeout | undefined
  #committing: Promise<void> | undefined
  #last: { readonly committed: Committed } | undefined
  #failure: { readonly error: unknown } | undefined

  /** `commit` marks blocks as present whose bytes are stored; one is under way at a time. */
  constructor(commit: (blocks: readonly BlockRange[]) => Promise<Committed>) {
    this.#commit = commit
  }

  /** Takes a block whose bytes are stored. @throws what an earlier commit failed with: more bytes would be in vain */
  add(index: number): void {
    if (this.#failure) throw this.#failure.error
    this.#waiting.push([index, 1])
    if (!this.#timer) this.#commitWaiting()
  }

  /** Waits until every block is committed, and answers the last commit: an empty one where there was no block. */
  async finish(): Promise<Committed> {
    await this.#committing
    this.#commitWaiting()
    await this.#committing
    clearTimeout(this.#timer)
    if (this.#failure) throw this.#failure.error
    return this.#last ? this.#last.committed : this.#commit([])
  }

  /** A failure is told to who comes next. */
  #commitWaiting(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#committing || this.#waiting.length === 0 || this.#failure) return
    const blocks = this.#waiting
    this.#waiting = []
    this.#committing = this.#commit(blocks)
      .then(committed => {
        this.#last = { committed }
        this.#timer = setTimeout(() => this.#commitWaiting(), GATHER_MS)
      })
      .catch(error => {
        this.#failure = { error }
      })
      .finally(() => {
        this.#committing = undefined
      })
  }
}

import type { BlockRange } from '@opcache/protocol'

/** Parts that wait to be sent, shared by all workers of an upload. */
export class PartQueue {
  readonly #parts: BlockRange[]
  readonly #random: () => number

  constructor(parts: readonly BlockRange[], random: () => number = Math.random) {
    this.#parts = [...parts]
    this.#random = random
  }

  /**
   * Takes a part: a random one at first, so that clients with the same content begin in different places, then the one
   * after `last`, so that each goes on in order. Adjacent parts are taken together up to `atMostBlocks`.
   */
  take(last: BlockRange | undefined, atMostBlocks = 0): BlockRange | undefined {
    const following = last ? this.#parts.findIndex(([first]) => first > last[0]) : this.#somewhere()
    const at = Math.max(0, following)
    const [part] = this.#parts.splice(at, 1)
    if (!part) return undefined
    const [first] = part
    let [, count] = part
    for (let next = this.#parts[at]; next; next = this.#parts[at]) {
      if (next[0] !== first + count || count + next[1] > atMostBlocks) break
      count += next[1]
      this.#parts.splice(at, 1)
    }
    return [first, count]
  }

  /** Blocks of the parts that nobody took yet. */
  get remainingBlocks(): number {
    return this.#parts.reduce((sum, [, count]) => sum + count, 0)
  }

  #somewhere(): number {
    return Math.floor(this.#random() * this.#parts.length)
  }
}

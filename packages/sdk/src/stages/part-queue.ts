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
   * after `last`, so that each goes on in order.
   */
  take(last: BlockRange | undefined): BlockRange | undefined {
    const following = last ? this.#parts.findIndex(([first]) => first > last[0]) : this.#somewhere()
    const [part] = this.#parts.splice(Math.max(0, following), 1)
    return part
  }

  #somewhere(): number {
    return Math.floor(this.#random() * this.#parts.length)
  }
}

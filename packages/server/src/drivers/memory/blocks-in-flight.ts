import type { BlockRange } from '@opcache/protocol'
import type { BlocksInFlight } from '../../ports/blocks-in-flight.js'

/** Knows what this process receives. */
export class MemoryBlocksInFlight implements BlocksInFlight {
  readonly #counts = new Map<string, Map<number, number>>()

  mark(blob: string, range: BlockRange): () => void {
    this.#count(blob, range, 1)
    return () => this.#count(blob, range, -1)
  }

  async claim(blob: string, range: BlockRange, isNeeded: (index: number) => boolean) {
    return this.#hasAll(blob, range, isNeeded) ? undefined : this.mark(blob, range)
  }

  #hasAll(blob: string, [first, count]: BlockRange, isNeeded: (index: number) => boolean): boolean {
    const blocks = this.#counts.get(blob)
    for (let index = first; index < first + count; index++) {
      if (isNeeded(index) && !blocks?.has(index)) return false
    }
    return true
  }

  #count(blob: string, [first, count]: BlockRange, step: 1 | -1): void {
    const blocks = this.#counts.get(blob) ?? new Map<number, number>()
    for (let index = first; index < first + count; index++) {
      const receivers = (blocks.get(index) ?? 0) + step
      if (receivers > 0) blocks.set(index, receivers)
      else blocks.delete(index)
    }
    if (blocks.size > 0) this.#counts.set(blob, blocks)
    else this.#counts.delete(blob)
  }
}

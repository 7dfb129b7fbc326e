import type { BlockRange } from '@opcache/protocol'

/** Which blocks are being received right now, by this process. A hint for clients: nothing is locked by it. */
export class BlocksInFlight {
  readonly #counts = new Map<string, Map<number, number>>()

  /** Marks a range of a blob until the returned function is called. */
  mark(blob: string, range: BlockRange): () => void {
    this.#count(blob, range, 1)
    return () => this.#count(blob, range, -1)
  }

  /** Whether every block for which `isNeeded` is being received. */
  hasAll(blob: string, [first, count]: BlockRange, isNeeded: (index: number) => boolean): boolean {
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

import type { BlockRange } from './block.js'

/** Which blocks of a content are present: a bit a block. */
export class BlockMap {
  readonly #bits: Uint8Array
  #present = 0

  /** An empty map of `blocks` blocks, or the one that was kept as `bits`. */
  constructor(
    readonly blocks: number,
    bits?: Uint8Array,
  ) {
    this.#bits = new Uint8Array(Math.ceil(blocks / 8))
    if (bits) {
      this.#bits.set(bits.subarray(0, this.#bits.length))
      for (let index = 0; index < blocks; index++) if (this.has(index)) this.#present += 1
    }
  }

  /** The map in which everything is present but `missing`. */
  static fromMissing(blocks: number, missing: Iterable<BlockRange>): BlockMap {
    const absent = new BlockMap(blocks)
    for (const range of missing) absent.add(range)
    const map = new BlockMap(blocks)
    for (const range of absent.missing()) map.add(range)
    return map
  }

  get missingBlocks(): number {
    return this.blocks - this.#present
  }

  get isComplete(): boolean {
    return this.#present === this.blocks
  }

  /** Whether block `index` is present; a block past the end never is. */
  has(index: number): boolean {
    return index < this.blocks && ((this.#bits[index >> 3] ?? 0) & (1 << (index & 7))) !== 0
  }

  /** Whether every block of the range is present. */
  hasAll([first, count]: BlockRange): boolean {
    for (let index = first; index < first + count; index++) if (!this.has(index)) return false
    return true
  }

  /** Marks a range as present and answers how many of it were not. Blocks past the end are nobody's. */
  add([first, count]: BlockRange): number {
    const before = this.#present
    for (let index = first; index < Math.min(first + count, this.blocks); index++) {
      if (this.has(index)) continue
      this.#bits[index >> 3]! |= 1 << (index & 7)
      this.#present += 1
    }
    return this.#present - before
  }

  /** Marks a range as missing and answers how many of it were present. */
  remove([first, count]: BlockRange): number {
    const before = this.#present
    for (let index = first; index < Math.min(first + count, this.blocks); index++) {
      if (!this.has(index)) continue
      this.#bits[index >> 3]! &= ~(1 << (index & 7))
      this.#present -= 1
    }
    return before - this.#present
  }

  /** The missing blocks as ascending, maximal ranges, `limit` at most. */
  missing(limit = Number.POSITIVE_INFINITY): BlockRange[] {
    return this.#ranges(false, limit)
  }

  /** The present blocks as ascending, maximal ranges, `limit` at most. */
  present(limit = Number.POSITIVE_INFINITY): BlockRange[] {
    return this.#ranges(true, limit)
  }

  /** The map, to be kept: bit `i % 8` of byte `i / 8` is block `i`. */
  toBytes(): Uint8Array {
    return this.#bits.slice()
  }

  #ranges(isPresent: boolean, limit: number): BlockRange[] {
    const ranges: BlockRange[] = []
    for (let first = 0; first < this.blocks && ranges.length < limit; ) {
      if (this.has(first) !== isPresent) {
        first += 1
        continue
      }
      let end = first + 1
      while (end < this.blocks && this.has(end) === isPresent) end += 1
      ranges.push([first, end - first])
      first = end
    }
    return ranges
  }
}

const PAGE_BYTES = 1024 * 1024

/** Bytes that are kept in pieces of one size, however they come, so that they are in memory once. */
export class Pages {
  readonly #full: Buffer[] = []
  #last = Buffer.alloc(0)
  #filled = 0

  /** Copies the bytes: a stream may use its buffer again. */
  append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === this.#last.length) this.#turn()
      const copied = bytes.subarray(at, at + this.#last.length - this.#filled)
      this.#last.set(copied, this.#filled)
      this.#filled += copied.length
      at += copied.length
    }
  }

  /** All bytes, in their order. */
  pieces(): Uint8Array[] {
    return [...this.#full, this.#last.subarray(0, this.#filled)]
  }

  #turn(): void {
    if (this.#filled > 0) this.#full.push(this.#last)
    this.#last = Buffer.allocUnsafeSlow(PAGE_BYTES)
    this.#filled = 0
  }
}

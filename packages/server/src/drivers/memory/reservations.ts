/** The room that is reserved for blobs. */
export class Reservations {
  readonly #bytes = new Map<string, number>()

  get total(): number {
    return [...this.#bytes.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  has(blob: string): boolean {
    return this.#bytes.has(blob)
  }

  add(blob: string, bytes: number): void {
    this.#bytes.set(blob, (this.#bytes.get(blob) ?? 0) + bytes)
  }

  /** Takes bytes that are stored now from the room that was reserved for them. */
  use(blob: string, bytes: number): void {
    const left = (this.#bytes.get(blob) ?? 0) - bytes
    if (left > 0) this.#bytes.set(blob, left)
    else this.#bytes.delete(blob)
  }

  release(blob: string): void {
    this.#bytes.delete(blob)
  }
}

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

  /** Takes bytes that are stored now from the room that was reserved for them; where more may come, it stays reserved. */
  use(blob: string, bytes: number, isComplete: boolean): void {
    const reserved = this.#bytes.get(blob)
    if (reserved === undefined) return
    if (isComplete && reserved <= bytes) this.#bytes.delete(blob)
    else this.#bytes.set(blob, Math.max(0, reserved - bytes))
  }

  release(blob: string, keptBytes?: number): void {
    if (keptBytes === undefined) this.#bytes.delete(blob)
    else if (this.has(blob)) this.#bytes.set(blob, Math.min(keptBytes, this.#bytes.get(blob) ?? 0))
  }
}

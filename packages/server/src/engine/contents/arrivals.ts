import { Bell } from '../bell.js'

/** Who waits in this process for blocks of sources that are still coming, by blob. Where nobody does, a block costs nothing. */
export class Arrivals {
  readonly #waiting = new Map<string, { readonly bell: Bell; waiters: number }>()

  /** Blocks of a blob were committed. */
  tell(blob: string): void {
    this.#waiting.get(blob)?.bell.ring()
  }

  /** The bell that rings when blocks of a blob are committed, until it is released. */
  watch(blob: string): { readonly bell: Bell; release(): void } {
    const watched = this.#waiting.get(blob) ?? { bell: new Bell(), waiters: 0 }
    this.#waiting.set(blob, watched)
    watched.waiters += 1
    return {
      bell: watched.bell,
      release: () => {
        watched.waiters -= 1
        if (watched.waiters === 0) this.#waiting.delete(blob)
      },
    }
  }
}

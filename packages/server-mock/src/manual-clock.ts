/** A clock that tests turn by hand. It begins at the real time. */
export class ManualClock {
  #now = Date.now()

  /** Milliseconds since 1970. */
  readonly now = (): number => this.#now

  /** Lets so many milliseconds pass. */
  advance(ms: number): void {
    this.#now += ms
  }
}

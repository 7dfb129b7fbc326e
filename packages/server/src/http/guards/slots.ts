import { ProtocolError } from '@opcache/protocol'
import type { Caller } from '../../engine/caller.js'

/** How much of a kind may be under way at a time. */
export interface SlotLimits {
  readonly ofUser: number
  readonly inAll: number
}

/** Counts what is under way of one kind, so that neither a user nor all of them have more of it than the server bears. */
export class Slots {
  readonly #byUser = new Map<string, number>()
  #taken = 0

  /** @param what the kind, in the plural, for who is refused */
  constructor(
    private readonly what: string,
    private readonly limits: SlotLimits,
  ) {}

  /** Those that are taken, by whomever. */
  get taken(): number {
    return this.#taken
  }

  /**
   * Takes slots until the returned function is called for the first time.
   *
   * @throws ProtocolError `rate-limited` when the user has too many, `busy` when all have
   */
  take({ namespace, user }: Caller, count = 1): () => void {
    const name = JSON.stringify([namespace, user])
    const ofUser = this.#byUser.get(name) ?? 0
    const { limits, what } = this
    if (ofUser + count > limits.ofUser) {
      throw new ProtocolError(
        'rate-limited',
        `You have ${ofUser} ${what} under way, of ${limits.ofUser} that a user may have: let some of them end.`,
      )
    }
    if (this.#taken + count > limits.inAll) {
      throw new ProtocolError(
        'busy',
        `The server has as many ${what} under way as it can have: come back later.`,
      )
    }
    this.#add(name, count)
    let isTaken = true
    return () => {
      if (isTaken) this.#add(name, -count)
      isTaken = false
    }
  }

  #add(name: string, count: number): void {
    this.#taken += count
    const ofUser = (this.#byUser.get(name) ?? 0) + count
    if (ofUser > 0) this.#byUser.set(name, ofUser)
    else this.#byUser.delete(name)
  }
}

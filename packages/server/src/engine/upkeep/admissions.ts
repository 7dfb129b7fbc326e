import { ProtocolError } from '@opcache/protocol'
import type { Ledger } from '../../ports/ledger.js'
import { type Caller, callerSpace } from '../caller.js'
import type { Limits } from '../limits.js'

/** What a user is about to begin, or to send. */
interface Coming {
  readonly uploads: number
  readonly bytes: number
}

/** Names a user's account: what he has begun to upload and not finished, in whatever space. */
export function accountOf(caller: Caller): string {
  return callerSpace(caller, true)
}

/**
 * Lets users begin uploads and send bytes as far as their unfinished ones leave room. What was let in counts until it is
 * disposed of, which is when the account says it; so of any number that come at a time no more are let in than may be.
 */
export class Admissions {
  readonly #ledger: Pick<Ledger, 'unfinished'>
  readonly #limits: Limits
  readonly #coming = new Map<string, Set<Coming>>()
  #ended = 0

  constructor(ledger: Pick<Ledger, 'unfinished'>, limits: Limits) {
    this.#ledger = ledger
    this.#limits = limits
  }

  /** @throws ProtocolError `rate-limited` when the caller has begun, or would have stored, as much as one may have. */
  async admit(caller: Caller, { uploads = 0, bytes = 0 }: Partial<Coming>): Promise<Disposable> {
    const account = accountOf(caller)
    for (;;) {
      const ended = this.#ended
      const unfinished = await this.#ledger.unfinished(account)
      // What ended meanwhile may be in neither.
      if (ended !== this.#ended) continue
      const coming = [...(this.#coming.get(account) ?? []), { uploads, bytes }]
      const sum = (member: keyof Coming) => coming.reduce((total, some) => total + some[member], 0)
      if (uploads > 0) this.#checkUploads(unfinished.contents + unfinished.streams + sum('uploads'))
      if (bytes > 0) this.#checkBytes(unfinished.bytes + sum('bytes'))
      return this.#add(account, { uploads, bytes })
    }
  }

  #add(account: string, coming: Coming): Disposable {
    const all = this.#coming.get(account) ?? new Set()
    this.#coming.set(account, all.add(coming))
    return {
      [Symbol.dispose]: () => {
        this.#ended += 1
        all.delete(coming)
        if (all.size === 0) this.#coming.delete(account)
      },
    }
  }

  #checkUploads(uploads: number): void {
    const { maxUnfinishedUploads } = this.#limits
    if (uploads <= maxUnfinishedUploads) return
    throw new ProtocolError(
      'rate-limited',
      `You would have ${uploads} unfinished uploads, and may have ${maxUnfinishedUploads}: finish some of them first.`,
    )
  }

  #checkBytes(bytes: number): void {
    const { maxUnfinishedBytes } = this.#limits
    if (bytes <= maxUnfinishedBytes) return
    throw new ProtocolError(
      'rate-limited',
      `Your unfinished uploads would have ${bytes} bytes, and may have ${maxUnfinishedBytes}: finish some of them first.`,
    )
  }
}

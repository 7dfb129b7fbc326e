import { ProtocolError } from '@opcache/protocol'
import type { Ledger } from '../../ports/ledger.js'
import { type Caller, callerSpace } from '../caller.js'
import type { Limits } from '../limits.js'

/** What a user is about to begin, or to send. */
interface Coming {
  readonly uploads: number
  readonly bytes: number
}

/** What a user was let in with, until it is disposed of. */
export interface Admission extends Disposable {
  /** Lets so many bytes more come. @throws ProtocolError `rate-limited` */
  extend(bytes: number): Promise<void>
  /** So much of it is in the user's account by now, and counts there. */
  entered(what: Partial<Coming>): void
}

/** Names a user's account: what he has begun to upload and not finished, in whatever space. */
export function accountOf(caller: Caller): string {
  return callerSpace(caller, true)
}

/**
 * Lets users begin uploads and send bytes as far as their unfinished ones leave room. What was let in counts until the
 * account says it; so of any number that come at a time to this process no more are let in than may be. Others that share
 * the store see it once it is in the account.
 */
export class Admissions {
  readonly #ledger: Pick<Ledger, 'unfinished'>
  readonly #limits: Limits
  readonly #coming = new Map<string, Map<Admission, Coming>>()
  #entered = 0

  constructor(ledger: Pick<Ledger, 'unfinished'>, limits: Limits) {
    this.#ledger = ledger
    this.#limits = limits
  }

  /** @throws ProtocolError `rate-limited` when the caller has begun, or would have stored, as much as one may have. */
  async admit(caller: Caller, { uploads = 0, bytes = 0 }: Partial<Coming>): Promise<Admission> {
    const account = accountOf(caller)
    const admission: Admission = {
      extend: more => this.#letIn(account, admission, { uploads: 0, bytes: more }),
      entered: ({ uploads = 0, bytes = 0 }) => {
        this.#entered += 1
        this.#add(account, admission, { uploads: -uploads, bytes: -bytes })
      },
      [Symbol.dispose]: () => {
        this.#entered += 1
        const all = this.#coming.get(account)
        all?.delete(admission)
        if (all?.size === 0) this.#coming.delete(account)
      },
    }
    await this.#letIn(account, admission, { uploads, bytes })
    return admission
  }

  async #letIn(account: string, admission: Admission, wanted: Coming): Promise<void> {
    for (;;) {
      const entered = this.#entered
      const unfinished = await this.#ledger.unfinished(account)
      // What was entered meanwhile may be in neither, or in both.
      if (entered !== this.#entered) continue
      const coming = [...(this.#coming.get(account)?.values() ?? []), wanted]
      const sum = (member: keyof Coming) => coming.reduce((total, some) => total + some[member], 0)
      if (wanted.uploads > 0) this.#checkUploads(unfinished.contents + unfinished.streams + sum('uploads'))
      if (wanted.bytes > 0) this.#checkBytes(unfinished.bytes + sum('bytes'))
      return this.#add(account, admission, wanted)
    }
  }

  #add(account: string, admission: Admission, more: Coming): void {
    const all = this.#coming.get(account) ?? new Map<Admission, Coming>()
    const { uploads, bytes } = all.get(admission) ?? { uploads: 0, bytes: 0 }
    all.set(admission, { uploads: uploads + more.uploads, bytes: bytes + more.bytes })
    this.#coming.set(account, all)
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

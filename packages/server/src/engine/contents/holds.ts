import type { Readable } from 'node:stream'
import type { ContentRecord, ContentStore } from '../../ports/content-store.js'
import type { Limits } from '../limits.js'

/** What this process holds a content for. Times are milliseconds since 1970. */
interface Hold {
  /** What the record says where nobody has held it since. */
  until: number
  /** Until when others hold it, as the record said before. */
  othersUntil: number
  /** Bytes that are still to be given to who was told of the content or came for it. */
  owedBytes: number
  readers: number
  /** Renews the hold while there are readers. */
  renewal?: NodeJS.Timeout
}

/** What holds work with. */
export interface HoldsOptions {
  readonly contents: Pick<ContentStore, 'extend' | 'get'>
  readonly limits: Pick<Limits, 'resultHoldSeconds'>
  now(): number
  /** When what is used now expires. */
  expiry(): number
  report(error: unknown, what: string): void
}

/**
 * Keeps contents from being evicted that somebody reads or was told of: for as long as clients count on, or until as many
 * bytes as the content has were given since, and nobody reads it. Only the process that holds a content knows that; the
 * others that share its store go by the time in the record.
 */
export class Holds {
  readonly #options: HoldsOptions
  /** By blob, those that were renewed last at the end. What is over by time leaves when others come. */
  readonly #holds = new Map<string, Hold>()

  constructor(options: HoldsOptions) {
    this.#options = options
  }

  /** Holds a content that somebody is told of, or came for. Answers whether it is there. */
  async hold(content: ContentRecord): Promise<boolean> {
    const { contents, now, expiry } = this.#options
    const { blob, heldUntil = 0 } = content
    const until = now() + this.#holdMs
    const hold = this.#of(content)
    // Before anything is waited for: from here on it is not over.
    if (hold.owedBytes <= 0) hold.owedBytes = owedBytes(content)
    if (heldUntil === hold.until && heldUntil >= until) return true
    // Longer than it has to be, so that not every use is worth a write; and later than others, so that it tells them apart.
    const written = Math.max(until + this.#holdMs / 2, heldUntil + 1)
    if (!(await contents.extend(content, expiry(), written))) return false
    const held = this.#of(content)
    if (heldUntil > held.until) held.othersUntil = heldUntil
    held.until = Math.max(held.until, written)
    this.#holds.delete(blob)
    this.#forgetPast()
    this.#holds.set(blob, held)
    return true
  }

  /** Holds a content for as long as a stream gives `bytes` of it. */
  read(content: ContentRecord, stream: Readable, bytes: number): void {
    const hold = this.#of(content)
    hold.readers += 1
    hold.renewal ??= setInterval(() => this.#renew(content), this.#holdMs / 3).unref()
    stream.once('end', () => {
      hold.owedBytes -= bytes
    })
    stream.once('close', () => {
      hold.readers -= 1
      if (hold.readers > 0) return
      clearInterval(hold.renewal)
      delete hold.renewal
    })
  }

  /** Who was told of a content has it already. */
  waive({ blob, size }: ContentRecord): void {
    const hold = this.#holds.get(blob)
    if (hold) hold.owedBytes -= size
  }

  /** Whether the record only says that it is held because of a hold of this process that is over. */
  isOver({ blob, heldUntil }: ContentRecord): boolean {
    const hold = this.#holds.get(blob)
    if (hold === undefined || hold.until !== heldUntil) return false
    return hold.readers === 0 && hold.owedBytes <= 0 && hold.othersUntil <= this.#options.now()
  }

  /** Forgets a hold that is over, so that whoever comes from now on writes a new one. Answers what the record says of it. */
  takeOver(content: ContentRecord): number | undefined {
    if (!this.isOver(content)) return undefined
    this.#holds.delete(content.blob)
    return content.heldUntil
  }

  get #holdMs(): number {
    return this.#options.limits.resultHoldSeconds * 1000
  }

  #of(content: ContentRecord): Hold {
    const fresh = { until: 0, othersUntil: 0, owedBytes: owedBytes(content), readers: 0 }
    const hold: Hold = this.#holds.get(content.blob) ?? fresh
    this.#holds.set(content.blob, hold)
    return hold
  }

  async #renew(content: ContentRecord): Promise<void> {
    try {
      const current = await this.#options.contents.get(content)
      if (current?.blob === content.blob) await this.hold(current)
    } catch (error) {
      this.#options.report(error, 'holding a content that is read')
    }
  }

  #forgetPast(): void {
    const now = this.#options.now()
    for (const [blob, { until, readers }] of this.#holds) {
      if (until > now || readers > 0) return
      this.#holds.delete(blob)
    }
  }
}

/** What an empty content owes is never given; holding it costs no room. */
function owedBytes({ size }: ContentRecord): number {
  return Math.max(size, 1)
}

import { ProtocolError } from '@opcache/protocol'
import type { Drivers } from '../../ports/drivers.js'
import { type EndedHolds, type EvictionContext, evictableBytes, evictWhile } from './lru.js'

/** So much of its capacity a store may use before the least recently used is forgotten in the background. */
const SOFT_SHARE = 0.9

/** So much that is in use is met at most each time: what is done ahead must cost little where it frees little. */
const MOST_IN_USE = 1000

/** For so long a declaration keeps the room that it was promised, waiting for bytes. */
const PROMISE_MS = 60_000

/** Bytes that a declaration is promised at most, whatever it declares: the largest part. */
const PROMISE_BYTES = 64 * 2 ** 20

/** What is reserved ahead where nobody knows how many bytes are coming: so much of what has come. */
const STEP_SHARE = 1 / 8

/** Bytes of that at most. */
const LARGEST_STEP_BYTES = 16 * 2 ** 20

/** Bounds of a store. */
export interface RoomLimits {
  /** Bytes of contents and streams. */
  readonly maxStoreBytes: number
  /** Bytes of the disk that stay free. */
  readonly minFreeBytes: number
}

/** What a room works with. */
export interface RoomOptions {
  readonly drivers: Pick<Drivers, 'blobs' | 'contents' | 'entries' | 'ledger' | 'streams'>
  readonly holds?: EndedHolds
  readonly limits: RoomLimits
  now(): number
  /** When what is used now expires. */
  expiry(): number
  report(error: unknown, what: string): void
}

/** Room that bytes may be written into. Released when they are written or will not be. */
export interface ReservedRoom extends AsyncDisposable {
  /**
   * Is told of bytes that are about to be written where nobody knows how many will come: room for them is reserved in
   * steps, ahead of them. @throws ProtocolError `storage-full`
   */
  take(bytes: number): Promise<void>
}

/** Who has room reserved for a blob in this process, and what of it nobody has begun to use. */
interface Holding {
  holders: number
  promisedBytes: number
}

/**
 * The room of a store. It is reserved before bytes are taken, and blocks that become present use it up. Where there is
 * none, the least recently used goes; above the soft limit that happens before it is needed.
 */
export class Room {
  readonly #options: RoomOptions
  readonly #holdings = new Map<string, Holding>()
  readonly #promises = new Set<NodeJS.Timeout>()
  #evicting: Promise<void> | undefined

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** Reserves room for `bytes` of a blob. @throws ProtocolError `storage-full` when there is none, and nothing to forget */
  async reserve(blob: string, bytes: number): Promise<ReservedRoom> {
    const holding = this.#hold(blob)
    try {
      await this.#add(blob, holding, bytes)
    } catch (error) {
      await this.#release(blob, holding)
      throw error
    }
    let isReleased = false
    let takenBytes = 0
    let aheadBytes = bytes
    return {
      take: async more => {
        if (more > aheadBytes) {
          const lacking = more - aheadBytes
          const step = Math.max(lacking, Math.min(Math.floor(takenBytes * STEP_SHARE), LARGEST_STEP_BYTES))
          aheadBytes += await this.#add(blob, holding, step).then(
            () => step,
            // Where so much is not left, what is coming may yet fit.
            () => this.#add(blob, holding, lacking).then(() => lacking),
          )
        }
        aheadBytes -= more
        takenBytes += more
      },
      [Symbol.asyncDispose]: async () => {
        if (isReleased) return
        isReleased = true
        await this.#release(blob, holding)
      },
    }
  }

  /**
   * Promises room for a content that was declared, for what comes first of it, and for a while. What is reserved for the
   * blob meanwhile is taken from that.
   *
   * @throws ProtocolError `storage-full`
   */
  async promise(blob: string, sizeBytes: number): Promise<ReservedRoom> {
    const bytes = Math.min(sizeBytes, PROMISE_BYTES)
    const room = await this.reserve(blob, bytes)
    const holding = this.#holdings.get(blob)!
    holding.promisedBytes += bytes
    const timer = setTimeout(() => {
      this.#promises.delete(timer)
      holding.promisedBytes = 0
      const released = Promise.resolve(room[Symbol.asyncDispose]())
      released.catch(error => this.#options.report(error, 'giving back room'))
    }, PROMISE_MS)
    timer.unref()
    this.#promises.add(timer)
    return room
  }

  /** Ends: waits for an eviction that goes on. What is reserved still ends with the process. */
  async close(): Promise<void> {
    for (const timer of this.#promises) clearTimeout(timer)
    await this.#evicting
  }

  #hold(blob: string): Holding {
    const holding = this.#holdings.get(blob) ?? { holders: 0, promisedBytes: 0 }
    this.#holdings.set(blob, holding)
    holding.holders += 1
    return holding
  }

  async #release(blob: string, holding: Holding): Promise<void> {
    holding.holders -= 1
    if (holding.holders > 0) return
    this.#holdings.delete(blob)
    await this.#options.drivers.ledger.release(blob)
  }

  async #add(blob: string, holding: Holding, bytes: number): Promise<void> {
    const promised = Math.min(bytes, holding.promisedBytes)
    holding.promisedBytes -= promised
    if (bytes > promised) await this.#take(blob, bytes - promised)
  }

  async #take(blob: string, bytes: number): Promise<void> {
    const { ledger } = this.#options.drivers
    // Others may take what was freed.
    while (!(await ledger.reserve(blob, bytes, await this.#capacity())))
      if (!(await this.#makeRoom(bytes))) throw this.#full(bytes)
    this.#evicting ??= this.#evictAhead()
      .catch(error => this.#options.report(error, 'making room'))
      .finally(() => {
        this.#evicting = undefined
      })
  }

  /** Forgets until `bytes` more fit, or nothing where that would not be enough. Answers whether it is worth trying again. */
  async #makeRoom(bytes: number): Promise<boolean> {
    const excess = await this.#excess(bytes, 1)
    if (!(excess > 0)) return true
    const { storedBytes } = await this.#options.drivers.ledger.usage()
    if (storedBytes < excess || (await evictableBytes(this.#context(), excess)) < excess) return false
    return (await this.#evict(excess)) > 0
  }

  async #evictAhead(): Promise<void> {
    const excess = await this.#excess(0, SOFT_SHARE)
    if (excess > 0) await this.#evict(excess, MOST_IN_USE)
  }

  /** By how much the store would be too large for a share of its capacity with `bytes` more. */
  async #excess(bytes: number, share: number): Promise<number> {
    const { storedBytes, reservedBytes } = await this.#options.drivers.ledger.usage()
    return storedBytes + reservedBytes + bytes - (await this.#capacity()) * share
  }

  /** Forgets the least recently used until so many bytes are freed. Answers how many were. */
  async #evict(bytes: number, mostInUse?: number): Promise<number> {
    const freed = await evictWhile(this.#context(), freedBytes => freedBytes < bytes, mostInUse)
    return freed.bytes
  }

  #context(): EvictionContext {
    const { drivers, holds, now, expiry } = this.#options
    return { drivers, ...(holds && { holds }), now: now(), expiresAt: expiry() }
  }

  /** Bytes that may be stored and reserved altogether: as many as are allowed, and as the disk has place for. */
  async #capacity(): Promise<number> {
    const { drivers, limits } = this.#options
    const [{ storedBytes }, available] = await Promise.all([
      drivers.ledger.usage(),
      drivers.blobs.availableBytes(),
    ])
    return Math.min(limits.maxStoreBytes, storedBytes + available - limits.minFreeBytes)
  }

  #full(bytes: number): ProtocolError {
    return new ProtocolError(
      'storage-full',
      `There is no room for ${bytes} bytes on the server: all that it may store is in use, or its disk is full.`,
    )
  }
}

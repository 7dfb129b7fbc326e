import { ProtocolError } from '@opcache/protocol'
import type { Drivers } from '../../ports/drivers.js'
import { type EndedHolds, type EvictionContext, evictableBytes, evictWhile } from './lru.js'

/** So much of its capacity a store may use before the least recently used is forgotten in the background. */
const SOFT_SHARE = 0.9

/** So much that is in use is met at most each time: what is done ahead must cost little where it frees little. */
const MOST_IN_USE = 1000

/** An upload of which nothing was heard for so long is given up: its blob may go, and what it was promised. */
const SILENCE_MS = 60_000

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

/** Who has room reserved for a blob in this process, for how many bytes each, and what of it nobody has begun to use. */
interface Holding {
  readonly askedBytes: Map<symbol, number>
  promisedBytes: number
}

/** A blob that is kept for who sends to it. */
interface Kept {
  readonly room: Promise<ReservedRoom>
  heardAt: number
}

/**
 * The room of a store. It is reserved before bytes are taken, and blocks that become present use it up. Where there is
 * none, the least recently used goes; above the soft limit that happens before it is needed. An upload that is not
 * finished keeps its blob, be its sender idle, until nothing was heard of it for a minute.
 */
export class Room {
  readonly #options: RoomOptions
  readonly #holdings = new Map<string, Holding>()
  readonly #kept = new Map<string, Kept>()
  /** Blobs whose room could not be given back: there was no space to write that down. */
  readonly #ungiven = new Set<string>()
  #evicting: Promise<void> | undefined

  constructor(options: RoomOptions) {
    this.#options = options
  }

  /** Reserves room for `bytes` of a blob. @throws ProtocolError `storage-full` when there is none, and nothing to forget */
  async reserve(blob: string, bytes: number): Promise<ReservedRoom> {
    const holding = this.#holdings.get(blob) ?? { askedBytes: new Map(), promisedBytes: 0 }
    const holder = Symbol(blob)
    this.#holdings.set(blob, holding)
    const ask = (more: number) => {
      holding.askedBytes.set(holder, (holding.askedBytes.get(holder) ?? 0) + more)
    }
    const add = async (more: number) => {
      // Before it is reserved: what is asked for is not given back by others.
      ask(more)
      await this.#add(blob, holding, more).catch(error => {
        ask(-more)
        throw error
      })
    }
    let isReleased = false
    const release = async () => {
      if (isReleased) return
      isReleased = true
      await this.#release(blob, holding, holder)
    }
    try {
      await add(bytes)
    } catch (error) {
      await release()
      throw error
    }
    let takenBytes = 0
    let aheadBytes = bytes
    return {
      take: async more => {
        if (more > aheadBytes) {
          const lacking = more - aheadBytes
          const step = Math.max(lacking, Math.min(Math.floor(takenBytes * STEP_SHARE), LARGEST_STEP_BYTES))
          aheadBytes += await add(step).then(
            () => step,
            // Where so much is not left, what is coming may yet fit.
            () => add(lacking).then(() => lacking),
          )
        }
        aheadBytes -= more
        takenBytes += more
      },
      [Symbol.asyncDispose]: release,
    }
  }

  /**
   * Keeps the blob of an upload in use until nothing was heard of it for a minute, which each call begins anew. The first
   * one promises room for what comes first of `sizeBytes`: what is reserved for the blob meanwhile is taken from that.
   *
   * @throws ProtocolError `storage-full`
   */
  async keep(blob: string, sizeBytes = 0): Promise<void> {
    const known = this.#kept.get(blob)
    const kept = known ?? { room: this.#promise(blob, Math.min(sizeBytes, PROMISE_BYTES)), heardAt: 0 }
    kept.heardAt = this.#options.now()
    this.#kept.set(blob, kept)
    try {
      await kept.room
    } catch (error) {
      if (this.#kept.get(blob) === kept) this.#kept.delete(blob)
      throw error
    }
  }

  async #promise(blob: string, bytes: number): Promise<ReservedRoom> {
    const room = await this.reserve(blob, bytes)
    this.#holdings.get(blob)!.promisedBytes += bytes
    try {
      // It is in use without a byte as well, which needs no room.
      if (bytes === 0) await this.#options.drivers.ledger.reserve(blob, 0, Number.POSITIVE_INFINITY)
      return room
    } catch (error) {
      await room[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Begins the minute of a blob anew, if it is kept. */
  heardOf(blob: string): void {
    const kept = this.#kept.get(blob)
    if (kept) kept.heardAt = this.#options.now()
  }

  /** Keeps a blob no longer: its upload is finished, or forgotten. */
  async letGo(blob: string): Promise<void> {
    const kept = this.#kept.get(blob)
    if (!kept) return
    this.#kept.delete(blob)
    // Who wanted it kept was told where there was no room for it.
    const room = await kept.room.catch(() => undefined)
    const holding = this.#holdings.get(blob)
    if (holding) holding.promisedBytes = 0
    await room?.[Symbol.asyncDispose]()
  }

  /** Lets go of what nothing was heard of for a minute, and nothing is coming for; gives back what could not be before. */
  async letGoOfSilent(): Promise<void> {
    for (const blob of [...this.#ungiven]) {
      this.#ungiven.delete(blob)
      if (!this.#holdings.has(blob)) await this.#giveBack(blob)
    }
    const before = this.#options.now() - SILENCE_MS
    for (const [blob, { heardAt }] of this.#kept) {
      if (heardAt <= before && this.#holdings.get(blob)?.askedBytes.size === 1) await this.letGo(blob)
    }
  }

  /** Ends: waits for an eviction that goes on. What is reserved still ends with the process. */
  async close(): Promise<void> {
    await this.#evicting
  }

  /** Gives back what a holder did not use: as much as is more than the others asked for. */
  async #release(blob: string, { askedBytes }: Holding, holder: symbol): Promise<void> {
    askedBytes.delete(holder)
    const isLast = askedBytes.size === 0
    if (isLast) this.#holdings.delete(blob)
    const others = [...askedBytes.values()].reduce((sum, bytes) => sum + bytes, 0)
    await this.#giveBack(blob, isLast ? undefined : others)
  }

  /** What a full disk keeps from being written down is no fault of who needs the room no more, and is done later. */
  async #giveBack(blob: string, keptBytes?: number): Promise<void> {
    await this.#options.drivers.ledger.release(blob, keptBytes).catch(error => {
      this.#ungiven.add(blob)
      this.#options.report(error, 'giving back room')
    })
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
    await this.letGoOfSilent()
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

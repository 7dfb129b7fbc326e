import { Readable } from 'node:stream'
import { contentExpiry, useContent } from '../../engine/contents/use-content.js'
import type { Engine } from '../../engine/engine.js'
import { startWhenComplete } from '../../engine/entries/start-when-complete.js'
import { findSourcePrefix, type SourcePrefix } from '../../engine/outputs/source-prefix.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Lease } from '../../ports/operation-queue.js'
import { type AttemptSource, StoredSource } from '../attempt-source.js'
import { findAttempt } from '../find-attempt.js'

/** How often blocks are looked for that other processes may have received. */
const LOOK_MS = 250

/** No block of the source has come for long: its sender has gone, or is gone for long. */
export class SourceStalled extends Error {
  override readonly name = 'SourceStalled'
}

/** The attempt is not the entry's any more. */
class AttemptGone extends Error {
  override readonly name = 'AttemptGone'
}

/** A source that is still coming: its verified bytes from the start, as they arrive without a gap. */
export class LiveSource implements AttemptSource {
  readonly isStored = false
  /** Of a stream that is not known before its end. */
  readonly size: number
  readonly #engine: Engine
  readonly #lease: Lease
  readonly #record: EntryRecord
  readonly #signal: AbortSignal
  readonly #stall: (error: SourceStalled) => void
  #stored: StoredSource | undefined
  #blob = ''
  #arrivedBytes = 0
  #arrivedAt = performance.now()

  /** `stall` is called once no block has come for as long as is waited for one. */
  constructor(
    engine: Engine,
    attempt: { lease: Lease; record: EntryRecord; sizeBytes: number },
    signal: AbortSignal,
    stall: (error: SourceStalled) => void,
  ) {
    this.#engine = engine
    this.#lease = attempt.lease
    this.#record = attempt.record
    this.size = attempt.sizeBytes
    this.#signal = signal
    this.#stall = stall
  }

  stream(): Readable {
    return Readable.from(this.#bytes(), { objectMode: false })
  }

  /** There is no file before all of it is there. */
  async path(): Promise<string> {
    const { of } = await this.#wait(prefix => prefix.isComplete)
    if (!('missingBlocks' in of)) throw new Error('A complete source is a content.')
    this.#stored ??= new StoredSource(this.#engine, of)
    return this.#stored.path()
  }

  async keep(): Promise<void> {
    const prefix = await findSourcePrefix(this.#engine, this.#record, this.#arrivedBytes)
    if (!prefix) return
    const { of } = prefix
    if ('missingBlocks' in of) await useContent(this.#engine, of)
    else await this.#engine.streams.extend(of, contentExpiry(this.#engine))
  }

  async completed(): Promise<void> {
    await this.#wait(prefix => prefix.isComplete)
    for (;;) {
      const record = await findAttempt(this.#engine, this.#lease)
      if (!record) throw new AttemptGone('The entry was deleted, or another attempt has begun.')
      if (record.phase.state === 'PROCESSING') return
      await startWhenComplete(this.#engine, record)
    }
  }

  async dispose(): Promise<void> {
    await this.#stored?.dispose()
  }

  async *#bytes(): AsyncGenerator<Uint8Array> {
    let failedAt = -1
    for (let at = 0; ; ) {
      const prefix = await this.#wait(({ bytes, isComplete }) => bytes > at || isComplete, at)
      if (at >= prefix.bytes) return
      const stored = this.#engine.blobs.read(prefix.blob, at, prefix.bytes)
      try {
        for await (const chunk of stored) {
          at += chunk.length
          yield chunk
        }
      } catch (error) {
        // Its bytes may have moved to another blob, when the same content was stored from elsewhere.
        if (error !== stored.errored || failedAt === at) throw error
        failedAt = at
      }
    }
  }

  /** The prefix, once it is wanted; `from` is what is known to be there. @throws the signal's reason */
  async #wait(isWanted: (prefix: SourcePrefix) => boolean, from = this.#arrivedBytes): Promise<SourcePrefix> {
    const waitingSince = performance.now()
    for (;;) {
      this.#signal.throwIfAborted()
      const { bell, release } = this.#engine.arrivals.watch(this.#blob)
      try {
        const { rings } = bell
        const prefix = await findSourcePrefix(this.#engine, this.#record, from)
        if (prefix) this.#arrived(prefix)
        if (prefix && isWanted(prefix)) return prefix
        // The bell of another blob tells nothing of this one.
        const isWatched = prefix === undefined || prefix.blob === this.#blob
        this.#blob = prefix?.blob ?? this.#blob
        this.#checkIdle(waitingSince)
        if (isWatched) await bell.sleep(rings, LOOK_MS, this.#signal)
      } finally {
        release()
      }
    }
  }

  #arrived({ bytes }: SourcePrefix): void {
    if (bytes <= this.#arrivedBytes) return
    this.#arrivedBytes = bytes
    this.#arrivedAt = performance.now()
  }

  #checkIdle(waitingSince: number): void {
    const { liveIdleMs } = this.#engine.limits
    if (performance.now() - Math.max(this.#arrivedAt, waitingSince) <= liveIdleMs) return
    const stalled = new SourceStalled(`No block of the source has come for ${liveIdleMs / 1000} s.`)
    this.#stall(stalled)
    throw stalled
  }
}

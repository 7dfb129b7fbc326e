import { BLOCK_BYTES } from '@opcache/protocol'
import type { ContentRef } from '../../ports/content-store.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { Bell } from '../bell.js'
import type { BlockWatcher } from '../contents/in-blocks.js'

/** Most bytes that a look copies from memory. */
const LOOK_BYTES = 64 * 1024

/** What of an output can be had from an offset on. */
export type OutputLook =
  /** These bytes, which are not stored yet. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The bytes up to `end` are in the blob. */
  | { readonly kind: 'stored'; readonly end: number }
  /** Nothing, so far. */
  | { readonly kind: 'nothing' }
  /** It is whole, and is this content. */
  | { readonly kind: 'published'; readonly content: ContentRef }
  /** It will never be whole. */
  | { readonly kind: 'cut' }

type State = Extract<OutputLook, { kind: 'published' | 'cut' }> | { readonly kind: 'running' }

/** A block in memory: being filled, or being written. */
interface HeldBlock {
  readonly index: number
  readonly buffer: Buffer
  filledBytes: number
}

/**
 * The output of an attempt that runs in this process, as far as it was written: what is stored is in the blob, what is
 * not is held in memory, a block or two. So it shows at once, and costs no more for many followers or slow ones.
 */
export class RunningOutput implements BlockWatcher {
  readonly blob: string
  readonly changed = new Bell()
  readonly #attempt: Pick<EntryRecord, 'incarnation' | 'attempt'>
  readonly #held: HeldBlock[] = []
  #followers = 0
  #storedBytes = 0
  #state: State = { kind: 'running' }
  #isClosed = false

  constructor(attempt: Pick<EntryRecord, 'incarnation' | 'attempt'>, blob: string) {
    this.#attempt = attempt
    this.blob = blob
  }

  /** Whether it is that of the entry's current attempt. */
  isOf({ incarnation, attempt }: EntryRecord): boolean {
    return this.#attempt.incarnation === incarnation && this.#attempt.attempt === attempt
  }

  /** Bytes that were written so far. */
  get bytes(): number {
    const last = this.#held.at(-1)
    return last ? last.index * BLOCK_BYTES + last.filledBytes : this.#storedBytes
  }

  /** Whether its bytes may be gone from the blob. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether somebody reads it as it is written. */
  get isFollowed(): boolean {
    return this.#followers > 0
  }

  /** Counts a follower; answers how to end that. */
  follow(): () => void {
    this.#followers += 1
    return () => {
      this.#followers -= 1
    }
  }

  /** Whether nobody was told yet what has become of it. */
  get isRunning(): boolean {
    return this.#state.kind === 'running'
  }

  /** What can be had from `at` on. The bytes of a look stay valid. */
  look(at: number): OutputLook {
    if (this.#state.kind !== 'running') return this.#state
    if (this.#isClosed) return { kind: 'nothing' }
    if (at < this.#storedBytes) return { kind: 'stored', end: this.#storedBytes }
    for (const { index, buffer, filledBytes } of this.#held) {
      const offset = at - index * BLOCK_BYTES
      if (offset < 0 || offset >= filledBytes) continue
      // A copy: the memory is used again once the block is stored.
      const bytes = Uint8Array.prototype.slice.call(
        buffer,
        offset,
        Math.min(filledBytes, offset + LOOK_BYTES),
      )
      return { kind: 'bytes', bytes }
    }
    return { kind: 'nothing' }
  }

  filled(index: number, buffer: Buffer, filledBytes: number): void {
    const last = this.#held.at(-1)
    if (last?.index === index) last.filledBytes = filledBytes
    else this.#held.push({ index, buffer, filledBytes })
    this.changed.ring()
  }

  stored(index: number, lengthBytes: number): void {
    this.#storedBytes = index * BLOCK_BYTES + lengthBytes
    while (this.#held[0] && this.#held[0].index <= index) this.#held.shift()
    this.changed.ring()
  }

  /** Nothing is added any more, and the blob may be given up: what has become of it is told once the entry knows. */
  close(): void {
    this.#isClosed = true
  }

  /** The attempt's entry is complete by it. */
  publish(content: ContentRef): void {
    this.#end({ kind: 'published', content })
  }

  /** Nothing will come of it; without effect once it is published. */
  cut(): void {
    this.#end({ kind: 'cut' })
  }

  #end(state: State): void {
    if (this.#state.kind !== 'running') return
    this.#state = state
    this.#held.length = 0
    this.changed.ring()
  }
}

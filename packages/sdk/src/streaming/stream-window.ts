import { BLOCK_BYTES } from '@opcache/protocol'
import { Bell } from '../transport/bell.js'

/** A block of a stream that the server has not acknowledged yet. */
export interface HeldBlock {
  readonly index: number
  /** A view of a buffer of the window, which goes back to it by {@link StreamWindow.release}. */
  readonly bytes: Uint8Array
  readonly digest: Uint8Array
}

/**
 * The blocks of a stream that were read and not acknowledged: all that is held of it. Whoever reads waits for room,
 * whoever sends waits for blocks.
 */
export class StreamWindow {
  readonly #capacity: number
  readonly #free: Buffer[] = []
  readonly #waiting: HeldBlock[] = []
  readonly #changed = new Bell()
  #buffers = 0
  #isEnded = false
  #hasReleased = false

  /** Holds `capacityBlocks` blocks at most. */
  constructor(capacityBlocks: number) {
    this.#capacity = capacityBlocks
  }

  /** Blocks that nobody has begun to send. */
  get waitingBlocks(): number {
    return this.#waiting.length
  }

  /** Whether the server had any block. */
  get hasReleased(): boolean {
    return this.#hasReleased
  }

  /** A buffer for the next block, as soon as there is room. @throws the signal's reason */
  async room(signal: AbortSignal): Promise<Buffer> {
    for (;;) {
      const buffer = this.#free.pop()
      if (buffer) return buffer
      if (this.#buffers < this.#capacity) {
        this.#buffers += 1
        return Buffer.allocUnsafeSlow(BLOCK_BYTES)
      }
      await this.#changed.sleep(undefined, signal)
    }
  }

  /** Offers the next block of the stream; blocks come in order. */
  add(block: HeldBlock): void {
    this.#waiting.push(block)
    this.#changed.ring()
  }

  /** No block comes any more. */
  end(): void {
    this.#isEnded = true
    this.#changed.ring()
  }

  /** Waits for the end, `timeoutMs` at most, and answers whether it is there. @throws the signal's reason */
  async hasEnded(timeoutMs: number, signal: AbortSignal | undefined): Promise<boolean> {
    const until = Date.now() + timeoutMs
    for (let left = timeoutMs; left > 0 && !this.#isEnded; left = until - Date.now()) {
      await this.#changed.sleep(left, signal)
    }
    return this.#isEnded
  }

  /** Waits for a block to send; false: there will be none. @throws the signal's reason */
  async hasBlock(signal: AbortSignal): Promise<boolean> {
    while (this.#waiting.length === 0 && !this.#isEnded) await this.#changed.sleep(undefined, signal)
    return this.#waiting.length > 0
  }

  /** Takes up to `atMostBlocks` consecutive blocks to send; none when others were faster. */
  take(atMostBlocks: number): HeldBlock[] {
    return this.#waiting.splice(0, atMostBlocks)
  }

  /** The server has these blocks: their buffers are free. */
  release(blocks: readonly HeldBlock[]): void {
    this.#hasReleased = true
    for (const { bytes } of blocks) this.#free.push(Buffer.from(bytes.buffer as ArrayBuffer))
    this.#changed.ring()
  }
}

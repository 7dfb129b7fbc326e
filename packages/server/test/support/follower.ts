import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { onTestFinished } from 'vitest'

/** Who reads an answer piece by piece while it is written. */
export class Follower {
  readonly #incoming: IncomingMessage
  #chunks: Buffer[] = []
  #wake: () => void = () => undefined
  #hasEnded = false

  private constructor(incoming: IncomingMessage) {
    this.#incoming = incoming
    incoming.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#wake()
    })
    const end = () => {
      this.#hasEnded = true
      this.#wake()
    }
    incoming.on('close', end)
    // A connection that is cut is what many tests want.
    incoming.on('error', end)
    onTestFinished(() => void incoming.destroy())
  }

  /** Asks, and resolves with the head of the answer. */
  static open(url: string, headers: Record<string, string> = {}): Promise<Follower> {
    return new Promise((resolve, reject) => {
      const outgoing = request(url, { agent: false, headers }, incoming => resolve(new Follower(incoming)))
      outgoing.on('error', reject)
      outgoing.end()
    })
  }

  get status(): number {
    return this.#incoming.statusCode ?? 0
  }

  get headers(): IncomingHttpHeaders {
    return this.#incoming.headers
  }

  /** Whether nothing will come any more. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** Whether the answer has come to an end of its own. */
  get isWhole(): boolean {
    return this.#incoming.complete
  }

  /** Bytes that have come and were not taken. */
  get unread(): number {
    return this.#chunks.reduce((sum, { length }) => sum + length, 0)
  }

  /** Exactly so many bytes, as soon as they have come. */
  async take(bytes: number): Promise<Buffer> {
    while (this.unread < bytes) {
      if (this.#hasEnded) throw new Error(`The answer ended ${bytes - this.unread} bytes too early.`)
      await this.#woken()
    }
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(bytes)]
    return all.subarray(0, bytes)
  }

  /** All that still comes. */
  async rest(): Promise<Buffer> {
    while (!this.#hasEnded) await this.#woken()
    return Buffer.concat(this.#chunks.splice(0))
  }

  pause(): void {
    this.#incoming.pause()
  }

  resume(): void {
    this.#incoming.resume()
  }

  destroy(): void {
    this.#incoming.destroy()
  }

  #woken(): Promise<void> {
    return new Promise(resolve => {
      this.#wake = resolve
    })
  }
}

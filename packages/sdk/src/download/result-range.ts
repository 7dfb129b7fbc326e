import { PATHS } from '@opcache/protocol'
import { IntegrityError } from '../errors/integrity-error.js'
import { NotCachedError } from '../errors/not-cached-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { ConnectionLost } from '../transport/connection-lost.js'
import type { Answer } from '../transport/exchange.js'
import type { DownloadTarget } from './target.js'

/** A running answer with the bytes of a result, read piece by piece as somebody wants them. */
export class ResultRange {
  readonly #answer: Answer
  readonly #chunks: AsyncGenerator<Uint8Array, void, undefined>
  #isOpen = true
  #held: Uint8Array = new Uint8Array(0)

  private constructor(answer: Answer) {
    this.#answer = answer
    this.#chunks = answer.chunks()
  }

  /**
   * Asks for the bytes from `offset` up to but not including `end`, where the result is that long.
   *
   * @throws NotCachedError when the result is gone, IntegrityError when the entry has another result by now.
   */
  static async open(
    connection: Connection,
    call: Call,
    { key, result }: DownloadTarget,
    offset: number,
    end: number,
  ): Promise<ResultRange> {
    const etag = `"${result.id}"`
    const isWhole = offset === 0 && end >= result.size
    const last = end >= result.size ? '' : end - 1
    const headers = isWhole ? {} : { range: `bytes=${offset}-${last}`, 'if-range': etag }
    const answer = await connection.send({ method: 'GET', path: PATHS.result(key), headers }, call, key)
    if (answer.status === 202) {
      answer.close()
      throw new NotCachedError(key)
    }
    if (answer.headers.etag !== etag) {
      answer.close()
      throw new IntegrityError(result.id, undefined, 'the entry has another result by now')
    }
    const range = ResultRange.of(answer)
    // Who does not know ranges sends everything.
    if (answer.status === 200 && offset > 0) await range.skip(offset)
    return range
  }

  /** The bytes of a result in an answer that begins with the first. */
  static of(answer: Answer): ResultRange {
    return new ResultRange(answer)
  }

  /** Whether bytes may still come. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Exactly `length` bytes. @throws ConnectionLost when they do not come. */
  async read(length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafeSlow(length)
    await this.#take(length, (piece, at) => bytes.set(piece, at))
    return bytes
  }

  async skip(length: number): Promise<void> {
    await this.#take(length, () => undefined)
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await this.#chunks.return()
    // A generator that was never asked for anything ends without its `finally`.
    this.#answer.close()
  }

  async #take(length: number, use: (piece: Uint8Array, at: number) => void): Promise<void> {
    for (let at = 0; at < length; ) {
      if (this.#held.length === 0) {
        const { value, done } = await this.#chunks.next()
        if (done) throw new ConnectionLost('the download ended early')
        this.#held = value
      }
      const piece = this.#held.subarray(0, length - at)
      this.#held = this.#held.subarray(piece.length)
      use(piece, at)
      at += piece.length
    }
  }
}

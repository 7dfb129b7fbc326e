import { createHash } from 'node:crypto'
import type { Writable } from 'node:stream'
import { type Blake3, ContentHasher, type ContentIdentity, HEADERS, PATHS } from '@opcache/protocol'
import { OutputDivergedError } from '../errors/output-diverged-error.js'
import { isRequestError } from '../errors/request-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import type { Answer } from '../transport/exchange.js'

/** How long the server may hold back the head of an answer while there is nothing to follow, in seconds. */
const HELD_SECONDS = 20

/** An operation that reads much and writes nothing says nothing for so long before it is asked again. */
const SILENCE_MS = 60_000

/**
 * The output of an entry's attempts, handed out while it is written. After a lost connection it goes on where it was. When
 * another attempt has taken the place of the one that was followed, its output is compared with what was handed out, and
 * handed out from there on.
 */
export class FollowedOutput {
  readonly #connection: Connection
  readonly #key: string
  readonly #output: Writable
  readonly #blake3: Blake3
  readonly #handed = createHash('sha256')
  #handedBytes = 0
  #attempt: Attempt | undefined

  constructor(connection: Connection, key: string, output: Writable, blake3: Blake3) {
    this.#connection = connection
    this.#key = key
    this.#output = output
    this.#blake3 = blake3
  }

  /** Bytes that were handed out so far. */
  get bytes(): number {
    return this.#handedBytes
  }

  /**
   * Follows until the entry is complete, and answers what the output is.
   *
   * @throws OutputDivergedError, OperationFailedError, RequestError; the signal's reason
   */
  follow(call: Call): Promise<ContentIdentity> {
    return this.#connection.attempt(call, async turn => {
      for (;;) {
        const answer = await this.#ask(call)
        turn.progressed()
        // There is nothing to follow yet.
        if (answer?.status === 202) answer.close()
        if (answer?.status !== 200) continue
        const attempt = this.#attemptOf(answer)
        for await (const chunk of answer.chunks()) await this.#take(attempt, chunk, call.signal)
        if (attempt.hasher.size < this.#handedBytes)
          throw new OutputDivergedError(this.#key, this.#handedBytes)
        return attempt.hasher.finish()
      }
    })
  }

  /** Undefined when the attempt that was followed is none any more: the next one is followed from its start. */
  async #ask(call: Call): Promise<Answer | undefined> {
    const { number, hasher } = this.#attempt ?? {}
    const from = hasher?.size ?? 0
    const query = from === 0 ? 'follow' : `follow&from=${from}&attempt=${number}`
    try {
      return await this.#connection.send(
        {
          method: 'GET',
          path: `${PATHS.result(encodeURIComponent(this.#key))}?${query}`,
          headers: { prefer: `wait=${HELD_SECONDS}` },
          heldMs: HELD_SECONDS * 1000,
          pauseMs: SILENCE_MS,
        },
        call,
        this.#key,
      )
    } catch (error) {
      if (!isRequestError(error) || error.code !== 'attempt-changed') throw error
      this.#attempt = undefined
      return undefined
    }
  }

  #attemptOf({ headers }: Answer): Attempt {
    const number = Number(headers[HEADERS.attempt])
    if (this.#attempt?.number !== number) this.#attempt = new Attempt(number, this.#blake3)
    return this.#attempt
  }

  /** Compares what was handed out already, and hands out the rest. */
  async #take(attempt: Attempt, chunk: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
    const known = Math.min(chunk.length, Math.max(0, this.#handedBytes - attempt.hasher.size))
    attempt.hasher.update(chunk)
    if (known > 0) {
      attempt.repeated.update(chunk.subarray(0, known))
      const isRepeated = attempt.hasher.size >= this.#handedBytes
      if (isRepeated && !digestOf(attempt.repeated).equals(digestOf(this.#handed))) {
        throw new OutputDivergedError(this.#key, this.#handedBytes)
      }
    }
    const rest = chunk.subarray(known)
    if (rest.length === 0) return
    this.#handed.update(rest)
    this.#handedBytes += rest.length
    await write(this.#output, rest, signal)
  }
}

/** What came of one attempt. */
class Attempt {
  readonly hasher: ContentHasher
  /** Of the bytes that an earlier attempt had brought. */
  readonly repeated = createHash('sha256')

  constructor(
    readonly number: number,
    blake3: Blake3,
  ) {
    this.hasher = new ContentHasher(blake3)
  }
}

function digestOf(hash: ReturnType<typeof createHash>): Buffer {
  return hash.copy().digest()
}

/** Writes, and waits until there is room for more. @throws the signal's reason */
function write(output: Writable, bytes: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
  if (output.write(bytes)) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const end = () => {
      output.off('drain', end)
      output.off('close', end)
      signal?.removeEventListener('abort', end)
      if (signal?.aborted) reject(signal.reason)
      else resolve()
    }
    output.on('drain', end)
    output.on('close', end)
    signal?.addEventListener('abort', end)
    if (signal?.aborted) end()
  })
}

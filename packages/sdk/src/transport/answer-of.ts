import type { ClientRequest, IncomingMessage } from 'node:http'
import { ConnectionLost } from './connection-lost.js'
import type { Answer } from './exchange.js'
import type { RateLimit } from './rate-limit.js'
import { silence } from './silence.js'

/** What an answer needs to know of its request. */
export interface AnswerContext {
  readonly sentBytes: number
  readonly idleTimeoutMs: number
  readonly rateLimit: RateLimit | undefined
  readonly signal: AbortSignal | undefined
}

/** The answer whose head came. */
export function answerOf(request: ClientRequest, response: IncomingMessage, context: AnswerContext): Answer {
  // From here on the reader decides when it listens, so only its waiting counts as silence.
  response.socket.setTimeout(0)
  // Does nothing where both bodies came to their end: the connection is kept then.
  const close = () => void request.destroy()
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    try {
      for (;;) {
        const timer = setTimeout(() => {
          response.destroy(silence(context.idleTimeoutMs))
        }, context.idleTimeoutMs)
        const { value, done } = await iterator.next().finally(() => clearTimeout(timer))
        if (done) return
        await context.rateLimit?.pass(value.length, context.signal)
        yield value
      }
    } catch (error) {
      context.signal?.throwIfAborted()
      throw new ConnectionLost((error as Error).message, { cause: error })
    } finally {
      close()
    }
  }
  return {
    // Only a server is without a status here.
    status: response.statusCode!,
    headers: response.headers,
    sentBytes: context.sentBytes,
    chunks,
    bytes: async () => {
      const all: Uint8Array[] = []
      for await (const chunk of chunks()) all.push(chunk)
      return Buffer.concat(all)
    },
    close,
  }
}

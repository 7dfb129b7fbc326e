import type { ClientRequest, Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import got, { type Request, type Response } from 'got'
import { ConnectionLost } from './connection-lost.js'
import { type Answer, type Exchange, IDLE_TIMEOUT_MS } from './exchange.js'
import type { RateLimit } from './rate-limit.js'
import { sendBody } from './send-body.js'
import { allowedSilenceMs } from './silence.js'

const CONNECT_TIMEOUT_MS = 10_000

/** The keep-alive connections of a client. */
export interface Agents {
  readonly http: HttpAgent
  readonly https: HttpsAgent
}

/** What all requests of a client share. */
export interface Line {
  readonly agents: Agents
  readonly rateLimit?: RateLimit | undefined
}

/**
 * Makes one request and resolves with the head of its answer, whatever the status. A streamed body is sent with
 * `Expect: 100-continue`, only when the server wants it.
 *
 * @throws ConnectionLost when there is no answer, the signal's reason when it was aborted, and what reading the body
 * throws.
 */
export async function performExchange(
  url: string,
  exchange: Exchange,
  line: Line,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  for (;;) {
    try {
      return await exchangeOnce(url, exchange, line, signal)
    } catch (error) {
      // Each of these removes a kept connection, so in the end there is a new one, whose failures count.
      if (!(error instanceof ConnectionLost && error.isStale)) throw error
    }
  }
}

async function exchangeOnce(
  url: string,
  exchange: Exchange,
  { agents, rateLimit }: Line,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted()
  const { body } = exchange
  const isStreamed = body !== undefined && !(body instanceof Uint8Array)
  const request = got.stream(url, {
    method: exchange.method,
    headers: {
      'user-agent': 'opcache-sdk',
      ...exchange.headers,
      ...(isStreamed && { 'content-length': String(body.length) }),
      ...(isStreamed && !exchange.isUnexpected && { expect: '100-continue' }),
    },
    ...(body instanceof Uint8Array && { body: Buffer.from(body.buffer, body.byteOffset, body.length) }),
    agent: agents,
    ...(signal && { signal }),
    retry: { limit: 0 },
    timeout: { connect: CONNECT_TIMEOUT_MS },
    throwHttpErrors: false,
    followRedirect: false,
    decompress: false,
    enableUnixSockets: true,
  })
  const idleTimeoutMs = exchange.idleTimeoutMs ?? IDLE_TIMEOUT_MS
  limitSilence(request, idleTimeoutMs, exchange.heldMs ?? 0, body?.length ?? 0)
  // A got stream waits for a body to be written, but for GET.
  if (body === undefined && exchange.method !== 'GET') request.end()
  try {
    const [response, sentBytes] = await Promise.all([
      headOf(request),
      isStreamed
        ? sendBody(request, body, { isExpected: !exchange.isUnexpected, rateLimit, signal })
        : (body?.length ?? 0),
    ])
    return answerOf(request, response, {
      sentBytes,
      idleTimeoutMs: idleTimeoutMs + (exchange.pauseMs ?? 0),
      rateLimit,
      signal,
    })
  } catch (error) {
    request.destroy()
    signal?.throwIfAborted()
    throw error
  }
}

/** Until the head is there, a socket on which nothing moves is dead. */
function limitSilence(request: Request, idleTimeoutMs: number, heldMs: number, bodyBytes: number): void {
  request.once('request', (native: ClientRequest) => {
    const limit = (ms: number) => native.setTimeout(ms)
    native.once('timeout', () => native.destroy(silence(idleTimeoutMs)))
    limit(idleTimeoutMs + heldMs)
    native.once('finish', () => limit(allowedSilenceMs(idleTimeoutMs, bodyBytes) + heldMs))
  })
}

function silence(idleTimeoutMs: number): Error {
  return new Error(`nothing was heard for ${idleTimeoutMs / 1000} s`)
}

function headOf(request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    const isUntouchedStale = staleness(request)
    // Stays attached: a got stream may report the same failure more than once.
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The error of a name with several addresses has a code and no words.
      const reason = error.message || error.code || 'no answer'
      const cause = (error.cause ?? error) as NodeJS.ErrnoException
      reject(new ConnectionLost(reason, { cause, isStale: isUntouchedStale(cause) }))
    })
    request.once('close', () => reject(new ConnectionLost('the connection was closed')))
  })
}

/**
 * Tells whether a failure is that of a kept connection which the server closed before it read this request: it answered
 * nothing at all. RFC 9112, 9.3.1, lets a client repeat what is idempotent, and here everything is.
 */
function staleness(request: Request): (cause: NodeJS.ErrnoException) => boolean {
  let isReused = false
  let isAnswered = false
  request.once('request', (native: ClientRequest) => {
    native.once('socket', () => {
      isReused = native.reusedSocket
    })
    native.once('information', () => {
      isAnswered = true
    })
  })
  return ({ code }) => isReused && !isAnswered && (code === 'ECONNRESET' || code === 'EPIPE')
}

interface AnswerContext {
  sentBytes: number
  idleTimeoutMs: number
  rateLimit: RateLimit | undefined
  signal: AbortSignal | undefined
}

function answerOf(request: Request, response: Response, context: AnswerContext): Answer {
  // From here on the reader decides when it listens, so only its waiting counts as silence.
  response.socket?.setTimeout(0)
  const close = () => void request.destroy()
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = request[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
    try {
      for (;;) {
        const timer = setTimeout(() => request.destroy(silence(context.idleTimeoutMs)), context.idleTimeoutMs)
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
    status: response.statusCode,
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

import type { ClientRequest } from 'node:http'
import { answerOf } from './answer-of.js'
import { ConnectionLost } from './connection-lost.js'
import { type Answer, type Exchange, IDLE_TIMEOUT_MS } from './exchange.js'
import { headOf } from './head-of.js'
import type { Line } from './line.js'
import { sendBody } from './send-body.js'
import { allowedSilenceMs, silence } from './silence.js'

const CONNECT_TIMEOUT_MS = 10_000

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
  line: Line,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  signal?.throwIfAborted()
  const { body } = exchange
  const { rateLimit } = line
  const isStreamed = body !== undefined && !(body instanceof Uint8Array)
  const request = begin(url, exchange, line)
  const head = headOf(request)
  const idleTimeoutMs = exchange.idleTimeoutMs ?? IDLE_TIMEOUT_MS
  if (signal) endWhenAborted(request, signal)
  limitConnecting(request)
  limitSilence(request, idleTimeoutMs, exchange.heldMs ?? 0, body?.length ?? 0)
  if (!isStreamed) request.end(body)
  try {
    const [response, sentBytes] = await Promise.all([
      head,
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

function begin(
  url: string,
  { method, headers, body, isUnexpected }: Exchange,
  { request, agent, socketPath }: Line,
): ClientRequest {
  const isStreamed = body !== undefined && !(body instanceof Uint8Array)
  return request(url, {
    method,
    headers: {
      'user-agent': 'opcache-sdk',
      ...headers,
      ...(isStreamed && { 'content-length': String(body.length) }),
      ...(isStreamed && !isUnexpected && { expect: '100-continue' }),
    },
    agent,
    ...(socketPath !== undefined && { socketPath }),
  })
}

/** Not by the request's own option: that would bind the connection to the signal, and others use it after this request. */
function endWhenAborted(request: ClientRequest, signal: AbortSignal): void {
  const end = () => void request.destroy()
  signal.addEventListener('abort', end, { once: true })
  request.once('close', () => signal.removeEventListener('abort', end))
}

/** A host that does not even take the connection is away. */
function limitConnecting(request: ClientRequest): void {
  const timer = setTimeout(() => {
    request.destroy(new Error(`there was no connection within ${CONNECT_TIMEOUT_MS / 1000} s`))
  }, CONNECT_TIMEOUT_MS)
  const end = () => clearTimeout(timer)
  request.once('close', end)
  request.once('socket', socket => {
    if (socket.connecting) socket.once('connect', end)
    else end()
  })
}

/** Until the head is there, a socket on which nothing moves is dead. */
function limitSilence(
  request: ClientRequest,
  idleTimeoutMs: number,
  heldMs: number,
  bodyBytes: number,
): void {
  const restart = () => request.setTimeout(allowedSilenceMs(idleTimeoutMs, bodyBytes) + heldMs)
  request.once('timeout', () => request.destroy(silence(idleTimeoutMs)))
  request.setTimeout(idleTimeoutMs + heldMs)
  request.once('finish', restart)
  request.once('response', () => request.off('finish', restart))
}

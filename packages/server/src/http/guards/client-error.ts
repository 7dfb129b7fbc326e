import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { HEADERS, MEDIA_TYPES, type Problem, ProtocolError } from '@opcache/protocol'

/** What the parser says, and what it was given last. */
type ClientError = NodeJS.ErrnoException & { readonly rawPacket?: unknown }

/** Answers what is no HTTP, before there is a request that a route could answer. */
export function answerClientError(error: ClientError, socket: Socket): void {
  // Nobody is there, or an answer is on its way already and another one would only spoil it.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
    socket.destroy()
    return
  }
  const problem = new ProtocolError('bad-request', `This is no HTTP request: ${error.message}.`).toProblem()
  // A HEAD with more headers than are taken is one all the same.
  const { rawPacket } = error
  const isHead = Buffer.isBuffer(rawPacket) && rawPacket.toString('latin1', 0, 5) === 'HEAD '
  endWith(socket, 'Bad Request', problem, isHead)
}

/**
 * Answers who takes the server for a proxy: such a request reaches no route, and would be cut without a word. Its
 * connection is not looked after by the server any more, and is given `maxIdleMs` to end.
 */
export function refuseTunnels(server: Server, maxIdleMs: number): void {
  server.on('connect', (_request, connection) => {
    // Of http and https alike.
    const socket = connection as Socket
    const cut = () => void socket.destroy()
    socket.on('error', cut).setTimeout(maxIdleMs, cut).resume()
    const problem = new ProtocolError('method-not-allowed', 'This server is no proxy.').toProblem()
    // RFC 9110, 10.2.1: no method is allowed there.
    endWith(socket, 'Method Not Allowed', problem, false, ['allow: '])
  })
}

/** The last words on a connection. */
function endWith(
  socket: Socket,
  reason: string,
  problem: Problem,
  isHead: boolean,
  headers: readonly string[] = [],
): void {
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} ${reason}`,
    `${HEADERS.protocol}: 1`,
    `content-type: ${MEDIA_TYPES.problem}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    ...headers,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`)
}

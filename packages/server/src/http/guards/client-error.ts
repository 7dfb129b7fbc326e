import type { Socket } from 'node:net'
import { HEADERS, MEDIA_TYPES, ProtocolError } from '@opcache/protocol'

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
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${problem.status} Bad Request`,
    `${HEADERS.protocol}: 1`,
    `content-type: ${MEDIA_TYPES.problem}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  // A HEAD with more headers than are taken is one all the same.
  const { rawPacket } = error
  const isHead = Buffer.isBuffer(rawPacket) && rawPacket.toString('latin1', 0, 5) === 'HEAD '
  socket.end(`${head.join('\r\n')}\r\n\r\n${isHead ? '' : body}`)
}

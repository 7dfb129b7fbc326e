import type { Socket } from 'node:net'
import { HEADERS, MEDIA_TYPES, ProtocolError } from '@opcache/protocol'

/** Answers what is no HTTP, before there is a request that a route could answer. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
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
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

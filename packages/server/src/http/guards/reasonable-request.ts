import type { Socket } from 'node:net'
import { ProtocolError } from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** More headers than any client has a use for. */
const MOST_HEADERS = 100

/** Requests that may wait for their answers on one connection; clients that send several at all send a few. */
const MOST_PIPELINED = 64

const underWay = new WeakMap<Socket, number>()

/**
 * @throws ProtocolError `bad-request` for too many headers, not one `Host`, another version of HTTP, or another transfer
 * encoding than chunks; `rate-limited` for too many requests on one connection
 */
export function checkReasonable({ raw }: FastifyRequest, reply: FastifyReply): void {
  const { socket } = raw
  const requests = (underWay.get(socket) ?? 0) + 1
  underWay.set(socket, requests)
  reply.raw.once('close', () => underWay.set(socket, (underWay.get(socket) ?? 1) - 1))
  if (requests > MOST_PIPELINED) {
    throw new ProtocolError(
      'rate-limited',
      `A connection takes ${MOST_PIPELINED} requests at a time: read some answers first.`,
    )
  }
  // Names and values take turns.
  if (raw.rawHeaders.length / 2 > MOST_HEADERS) {
    throw new ProtocolError('bad-request', `A request has at most ${MOST_HEADERS} headers.`)
  }
  // The parser takes the heads of others as well, as if they meant the same.
  if (raw.httpVersion !== '1.1' && raw.httpVersion !== '1.0') {
    throw new ProtocolError('bad-request', `This server speaks HTTP/1.1, not HTTP/${raw.httpVersion}.`)
  }
  // RFC 9112, 6.1: in HTTP/1.0, where such a body ends is in doubt. Node unpacks chunks, and nothing that is inside.
  const coding = raw.headers['transfer-encoding']
  if (coding !== undefined && (raw.httpVersion === '1.0' || coding.trim().toLowerCase() !== 'chunked')) {
    throw new ProtocolError(
      'bad-request',
      'Of transfer encodings, "chunked" alone is taken, and in HTTP/1.1.',
    )
  }
  // RFC 9112, 3.2
  const hosts = raw.rawHeaders.filter((text, at) => at % 2 === 0 && text.toLowerCase() === 'host').length
  if (hosts > 1 || (hosts === 0 && raw.httpVersion === '1.1')) {
    throw new ProtocolError('bad-request', 'A request has one Host header.')
  }
}

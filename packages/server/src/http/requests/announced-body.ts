import { ProtocolError } from '@opcache/protocol'
import type { FastifyRequest } from 'fastify'
import { wholeNumber } from './whole-number.js'

/** Encoded bytes would have another identity. @throws ProtocolError `unsupported-encoding` */
export function refuseEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ProtocolError('unsupported-encoding', `Send the bytes as they are, without "${encoding}".`)
  }
}

/** The bytes that a body has, before any of them is read. @throws ProtocolError `length-required` */
export function announcedLength(request: FastifyRequest): number {
  const length = request.headers['content-length']
  if (length === undefined) throw new ProtocolError('length-required', 'The request needs a Content-Length.')
  return wholeNumber(length, 'Content-Length')
}

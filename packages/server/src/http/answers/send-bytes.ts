import { Readable } from 'node:stream'
import { ProtocolError, type ResultDocument } from '@opcache/protocol'
import contentDisposition from 'content-disposition'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readContent } from '../../engine/contents/read-content.js'
import type { Engine } from '../../engine/engine.js'
import type { ContentRecord } from '../../ports/content-store.js'
import { type ByteRange, parseByteRange } from '../requests/byte-range.js'

/** Sends a content's bytes, or the one range of them that is asked for (RFC 9110, 13 and 14). */
export function sendBytes(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  content: ContentRecord,
  { type, name }: Pick<ResultDocument, 'type' | 'name'>,
): FastifyReply {
  const etag = `"${content.id}"`
  reply.headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-transform',
    'x-content-type-options': 'nosniff',
    'content-disposition': contentDisposition(name),
  })
  if (matchesEtag(request.headers['if-none-match'], etag)) {
    engine.holds.waive(content)
    return reply.code(304).send()
  }
  reply.type(type)
  const range = requestedRange(request, reply, content.size, etag)
  if (!range) {
    reply.header('content-length', content.size)
    const isHead = request.method === 'HEAD'
    // Of a stream that is empty, not of a text that is: Fastify would announce the length of that.
    return reply.send(isHead ? Readable.from([]) : readContent(engine, content))
  }
  const { start, end } = range
  reply.code(206).headers({
    'content-range': `bytes ${start}-${end}/${content.size}`,
    'content-length': end - start + 1,
  })
  return reply.send(readContent(engine, content, start, end + 1))
}

/** The range that is asked for, where it is asked of GET and of these bytes. */
function requestedRange(
  request: FastifyRequest,
  reply: FastifyReply,
  size: number,
  etag: string,
): ByteRange | undefined {
  const { range: header, 'if-range': ifRange } = request.headers
  if (request.method === 'HEAD' || header === undefined) return undefined
  if (ifRange !== undefined && ifRange !== etag) return undefined
  const range = parseByteRange(header, size)
  if (range !== 'unsatisfiable') return range
  reply.header('content-range', `bytes */${size}`)
  throw new ProtocolError('range-not-satisfiable', `The range lies outside of ${size} bytes.`)
}

function matchesEtag(header: string | undefined, etag: string): boolean {
  const named = header?.split(',').map(tag => tag.trim().replace(/^W\//, ''))
  return named?.some(tag => tag === '*' || tag === etag) ?? false
}

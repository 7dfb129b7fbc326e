import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { HEADERS, MEDIA_TYPES, PATHS, ProtocolError, parseContentId } from '@opcache/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import { contentDocument } from '../../engine/content-view.js'
import { declareContent, expectedManifestBytes } from '../../engine/declare-content.js'
import type { Engine } from '../../engine/engine.js'
import { findContent } from '../../engine/find-content.js'
import { judgePart, receivePart, unwantedPart } from '../../engine/receive-part.js'
import { useContent } from '../../engine/use-content.js'
import type { ContentRef } from '../../ports/content-store.js'
import { isWaitingForContinue, letBodyCome } from '../expectation.js'
import { acceptByteBodies, ignoreBodyType } from '../json-body.js'
import { requestedSpace, singleHeader } from '../request-context.js'

interface IdParams {
  Params: { id: string }
}

/** Everything about named contents: declare, status, manifest, parts. */
export function contentRoutes(app: FastifyInstance, engine: Engine): void {
  acceptByteBodies(app)
  ignoreBodyType(app)

  app.put<IdParams>(PATHS.content(':id'), async (request, reply) => {
    requireScopes(request.caller, 'upload')
    refuseEncoding(request)
    const ref = namedContent(request, request.params.id)
    const sizeBytes = wholeNumber(singleHeader(request, HEADERS.contentSize), HEADERS.contentSize)
    const lengthBytes = announcedLength(request)
    if (lengthBytes !== expectedManifestBytes(engine, sizeBytes)) {
      throw new ProtocolError(
        'manifest-mismatch',
        `A content of ${sizeBytes} bytes has a manifest of ${expectedManifestBytes(engine, sizeBytes)} bytes, not ${lengthBytes}.`,
      )
    }
    letBodyCome(request, reply)
    const manifest = lengthBytes === 0 ? new Uint8Array() : await buffer(request.body as Readable)
    const record = await declareContent(engine, ref, sizeBytes, manifest)
    return reply.header('cache-control', 'no-store').send(await contentDocument(engine, record))
  })

  app.get<IdParams>(PATHS.content(':id'), async (request, reply) => {
    const record = await requireContent(engine, request)
    return reply.header('cache-control', 'no-store').send(await contentDocument(engine, record))
  })

  app.get<IdParams>(PATHS.manifest(':id'), async (request, reply) => {
    const record = await requireContent(engine, request)
    const manifest = await engine.contents.manifest(record, record.blob)
    if (!manifest) throw unknownContent()
    await useContent(engine, record)
    reply.headers({
      [HEADERS.contentSize]: record.size,
      'cache-control': 'private, no-transform',
      'x-content-type-options': 'nosniff',
    })
    return reply.type(MEDIA_TYPES.bytes).send(Buffer.from(manifest))
  })

  app.put<{ Params: { id: string; first: string } }>(
    PATHS.blocks(':id', ':first'),
    async (request, reply) => {
      requireScopes(request.caller, 'upload')
      refuseEncoding(request)
      const ref = namedContent(request, request.params.id)
      const first = wholeNumber(request.params.first, 'The first block')
      const part = await judgePart(engine, ref, first, announcedLength(request))
      reply.header('cache-control', 'no-store')
      if (isWaitingForContinue(request)) {
        const unwanted = unwantedPart(engine, part)
        if (unwanted) return reply.send(unwanted)
      }
      letBodyCome(request, reply)
      return reply.send(await receivePart(engine, part, request.body as Readable))
    },
  )
}

/** The content that a path names. Malformed ids are as unknown as unknown ones. */
function namedContent(request: FastifyRequest, idText: string): ContentRef {
  const id = parseContentId(idText)
  if (!id) throw unknownContent()
  return { space: requestedSpace(request), id }
}

async function requireContent(engine: Engine, request: FastifyRequest<IdParams>) {
  requireScopes(request.caller, 'read')
  const record = await findContent(engine, namedContent(request, request.params.id))
  if (!record) throw unknownContent()
  return record
}

function unknownContent(): ProtocolError {
  return new ProtocolError('content-not-found', 'There is no such content.')
}

/** Encoded bytes would have another identity. */
export function refuseEncoding(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ProtocolError('unsupported-encoding', `Send the bytes as they are, without "${encoding}".`)
  }
}

function announcedLength(request: FastifyRequest): number {
  const length = request.headers['content-length']
  if (length === undefined) throw new ProtocolError('length-required', 'The request needs a Content-Length.')
  return wholeNumber(length, 'Content-Length')
}

function wholeNumber(text: string | undefined, what: string): number {
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (!Number.isSafeInteger(value)) {
    throw new ProtocolError('bad-request', `${what} is a whole number, not "${text ?? ''}".`)
  }
  return value
}

import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { HEADERS, MEDIA_TYPES, PATHS, ProtocolError, parseContentId, parseStreamId } from '@opcache/protocol'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import { contentDocument } from '../../engine/contents/content-view.js'
import { declareContent, expectedManifestBytes } from '../../engine/contents/declare-content.js'
import { findContent } from '../../engine/contents/find-content.js'
import {
  admitPart,
  claimPart,
  judgePart,
  receivePart,
  reservePart,
} from '../../engine/contents/receive-part.js'
import { unknownContent } from '../../engine/contents/unknown-content.js'
import { useContent } from '../../engine/contents/use-content.js'
import type { Engine } from '../../engine/engine.js'
import type { ContentRef } from '../../ports/content-store.js'
import { acknowledge, wantedOutput } from '../answers/acknowledge.js'
import { announcedLength, refuseEncoding } from '../requests/announced-body.js'
import { bodyChunks } from '../requests/body-chunks.js'
import { isWaitingForContinue, letBodyCome } from '../requests/expectation.js'
import { acceptByteBodies, ignoreBodyType } from '../requests/json-body.js'
import { requestedSpace, singleHeader } from '../requests/request-context.js'
import { wholeNumber } from '../requests/whole-number.js'
import { contentOfStream, sendStream, takeStreamPart } from './streams.js'

interface IdParams {
  Params: { id: string }
}

/** What contents and streams have in common: status, manifest, parts; and the declaration of a content. */
export function contentRoutes(app: FastifyInstance, engine: Engine): void {
  acceptByteBodies(app)
  ignoreBodyType(app)

  app.put<IdParams>(PATHS.content(':id'), async (request, reply) => {
    refuseEncoding(request)
    const sizeBytes = wholeNumber(singleHeader(request, HEADERS.contentSize), HEADERS.contentSize)
    const expectedBytes = expectedManifestBytes(engine, sizeBytes)
    const lengthBytes = announcedLength(request)
    requireScopes(request.caller, 'upload')
    const ref = namedContent(request, request.params.id)
    if (lengthBytes !== expectedBytes) {
      throw new ProtocolError(
        'manifest-mismatch',
        `A content of ${sizeBytes} bytes has a manifest of ${expectedBytes} bytes, not ${lengthBytes}.`,
      )
    }
    letBodyCome(request, reply, lengthBytes)
    const manifest = lengthBytes === 0 ? new Uint8Array() : await buffer(request.body as Readable)
    const record = await declareContent(engine, request.caller, ref, sizeBytes, manifest)
    return reply.header('cache-control', 'no-store').send(await contentDocument(engine, record))
  })

  app.get<IdParams>(PATHS.content(':id'), async (request, reply) => {
    const streamId = parseStreamId(request.params.id)
    if (streamId) return sendStream(engine, request, reply, streamId)
    const record = await requireContent(engine, request)
    return reply.header('cache-control', 'no-store').send(await contentDocument(engine, record))
  })

  app.get<IdParams>(PATHS.manifest(':id'), async (request, reply) => {
    const record = await requireContent(engine, request)
    const manifest = await engine.contents.manifest(record, record.blob)
    if (!manifest) throw unknownContent()
    if (record.missingBlocks === 0) await engine.holds.hold(record)
    else await useContent(engine, record)
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
      refuseEncoding(request)
      reply.header('cache-control', 'no-store')
      const { id, first: firstText } = request.params
      const head = { first: wholeNumber(firstText, 'The first block'), lengthBytes: announcedLength(request) }
      const streamId = parseStreamId(id)
      if (streamId) return takeStreamPart(engine, request, reply, streamId, head)
      requireScopes(request.caller, 'upload')
      const wanted = await wantedOutput(engine, request)
      const part = await judgePart(engine, namedContent(request, id), head.first, head.lengthBytes)
      const claimed = isWaitingForContinue(request)
        ? await claimPart(engine, part)
        : { release: engine.inFlight.mark(part.content.blob, part.range) }
      if ('unwanted' in claimed) return acknowledge(engine, request, reply, claimed.unwanted, wanted)
      const receive = async () => {
        using admission = await admitPart(engine, request.caller, part)
        await using _room = await reservePart(engine, part)
        letBodyCome(request, reply)
        // Awaited here: the room is given back when this returns.
        return await receivePart(engine, part, admission, bodyChunks(request.body as Readable))
      }
      return acknowledge(engine, request, reply, await receive().finally(claimed.release), wanted)
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
  const { id } = request.params
  const streamId = parseStreamId(id)
  const named = streamId ? await contentOfStream(engine, request, streamId) : id
  const record = await findContent(engine, namedContent(request, named))
  if (!record) throw unknownContent()
  return record
}

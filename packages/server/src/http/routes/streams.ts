import type { Readable } from 'node:stream'
import {
  type ContentId,
  DIGEST_BYTES,
  HEADERS,
  PATHS,
  ProtocolError,
  parseStreamId,
  type StreamId,
} from '@opcache/protocol'
import { SealRequest } from '@opcache/protocol/schemas'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import { contentDocument } from '../../engine/contents/content-view.js'
import { unknownContent } from '../../engine/contents/unknown-content.js'
import type { Engine } from '../../engine/engine.js'
import { findStream, sealedContent } from '../../engine/streams/find-stream.js'
import {
  admitStreamPart,
  claimStreamPart,
  judgeStreamPart,
  presentStreamPart,
  reserveStreamPart,
} from '../../engine/streams/judge-stream-part.js'
import { receiveStreamPart } from '../../engine/streams/receive-stream-part.js'
import { sealStream } from '../../engine/streams/seal-stream.js'
import { streamDocument } from '../../engine/streams/stream-view.js'
import { acknowledge, wantedOutput } from '../answers/acknowledge.js'
import { bodyChunks } from '../requests/body-chunks.js'
import { isWaitingForContinue, letBodyCome } from '../requests/expectation.js'
import { acceptJsonBodies } from '../requests/json-body.js'
import { requestedSpace, singleHeader } from '../requests/request-context.js'
import { messageCheck } from '../requests/schema-check.js'

const checkSealRequest = messageCheck(SealRequest)

/** Ends a stream: tells what it turned out to be. */
export function sealRoute(app: FastifyInstance, engine: Engine): void {
  acceptJsonBodies(app, engine.limits.maxJsonBytes)

  app.post<{ Params: { id: string } }>(PATHS.seal(':id'), async (request, reply) => {
    const { size, content } = checkSealRequest(request.body)
    requireScopes(request.caller, 'upload')
    const id = parseStreamId(request.params.id)
    if (!id) throw unknownContent()
    const ref = { space: requestedSpace(request), id }
    const record = await sealStream(engine, request.caller, ref, { size, content: content as ContentId })
    return reply.header('cache-control', 'no-store').send(await contentDocument(engine, record))
  })
}

/** Answers a stream's document. @throws ProtocolError `content-not-found` */
export async function sendStream(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  id: StreamId,
): Promise<FastifyReply> {
  requireScopes(request.caller, 'read')
  const record = await findStream(engine, request.caller.user, { space: requestedSpace(request), id })
  if (!record) throw unknownContent()
  // Who asks for it goes on with it.
  if (record.phase.state === 'OPEN') await engine.room.keep(record.blob)
  return reply.header('cache-control', 'no-store').send(await streamDocument(engine, record))
}

/** The content that a stream was sealed to. @throws ProtocolError `content-not-found` */
export async function contentOfStream(
  engine: Engine,
  request: FastifyRequest,
  id: StreamId,
): Promise<ContentId> {
  const content = await sealedContent(engine, request.caller.user, { space: requestedSpace(request), id })
  if (!content) throw unknownContent()
  return content
}

/** Takes a part of a stream, and answers how far the stream is. */
export async function takeStreamPart(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  id: StreamId,
  head: { first: number; lengthBytes: number },
): Promise<FastifyReply> {
  const announced = { ...head, digests: announcedDigests(request) }
  requireScopes(request.caller, 'upload')
  const ref = { space: requestedSpace(request), id }
  const wanted = await wantedOutput(engine, request)
  const part = await judgeStreamPart(engine, request.caller, ref, announced)
  // A body that is not needed is read away where its sender did not wait for leave.
  const present = presentStreamPart(part)
  if (present) return acknowledge(engine, request, reply, present, wanted)
  const claimed = isWaitingForContinue(request) ? await claimStreamPart(engine, part) : undefined
  if (claimed && 'unwanted' in claimed) return acknowledge(engine, request, reply, claimed.unwanted, wanted)
  const receive = async () => {
    using admission = await admitStreamPart(engine, part)
    await using _room = await reserveStreamPart(engine, part)
    letBodyCome(request, reply)
    // Awaited here: the room is given back when this returns.
    return await receiveStreamPart(engine, part, admission, bodyChunks(request.body as Readable))
  }
  const received = await receive().finally(claimed?.release)
  if (received) return acknowledge(engine, request, reply, received, wanted)
  const again = presentStreamPart(await judgeStreamPart(engine, request.caller, ref, announced))
  if (again) return acknowledge(engine, request, reply, again, wanted)
  throw new ProtocolError('content-not-found', 'The stream was forgotten meanwhile: send it again.')
}

/** The digests of a part's blocks. @throws ProtocolError `bad-request` */
function announcedDigests(request: FastifyRequest): Uint8Array {
  const text = singleHeader(request, HEADERS.blockDigests)
  const digests = Buffer.from(text ?? '', 'base64')
  const isBase64 = digests.length > 0 && digests.toString('base64') === text
  if (isBase64 && digests.length % DIGEST_BYTES === 0) return digests
  throw new ProtocolError(
    'bad-request',
    `A part of a stream needs ${HEADERS.blockDigests}: the base64 of the ${DIGEST_BYTES} bytes of each block's digest.`,
  )
}

import { Readable } from 'node:stream'
import {
  type ContentId,
  type Descriptor,
  deriveEntryKey,
  HEADERS,
  isTerminal,
  PATHS,
  ProtocolError,
  parseContentId,
  parseParameterQuery,
} from '@opcache/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import { findCompleteContent } from '../../engine/contents/find-content.js'
import {
  discardBytes,
  publishContent,
  reserveBlob,
  storeBytes,
  tooLarge,
} from '../../engine/contents/store-content.js'
import type { Engine } from '../../engine/engine.js'
import { type Opened, openEntry } from '../../engine/entries/open-entry.js'
import type { SpaceId } from '../../ports/space.js'
import { runDuplex, wantsDuplex } from '../answers/duplex.js'
import { sendEntry, sendResult } from '../answers/send-entry.js'
import { refuseEncoding } from '../requests/announced-body.js'
import { bodyChunks } from '../requests/body-chunks.js'
import { isWaitingForContinue, letBodyCome } from '../requests/expectation.js'
import { acceptByteBodies, ignoreBodyType } from '../requests/json-body.js'
import { prefersMinimal } from '../requests/preferences.js'
import { waitAsPreferred } from '../requests/preferred-wait.js'
import { requestedSpace, singleHeader } from '../requests/request-context.js'

interface OperationParams {
  Params: { operation: string }
}

/** Everything in one call, for any HTTP client: the body is the source, the answer is the result. */
export function runRoute(app: FastifyInstance, engine: Engine): void {
  acceptByteBodies(app)
  ignoreBodyType(app)

  app.post<OperationParams>(PATHS.run(':operation'), async (request, reply) => {
    const announcedBytes = Number(request.headers['content-length'] ?? 0)
    if (announcedBytes > engine.limits.maxContentBytes) throw tooLarge(engine)
    refuseEncoding(request)
    const announced = announcedContent(request)
    const space = requestedSpace(request)
    requireScopes(request.caller, 'read', 'upload', 'execute')
    const describe = describer(engine, request)
    const isDuplex = wantsDuplex(request) && isStreaming(engine, request.params.operation)
    const known = announced && (await openStored(engine, request, space, describe(announced)))
    if (known) {
      // The body is not needed; who waits for leave to send it is answered at once, done or not.
      return answer(engine, request, reply, known, isWaitingForContinue(request))
    }
    // Whoever says how much is coming is told before it comes that there is no room.
    const reserved = isDuplex ? undefined : await reserveBlob(engine, announcedBytes)
    letBodyCome(request, reply)
    if (!reserved) {
      return runDuplex(engine, request, reply, { space, descriptor: describe(undefined), announced })
    }
    const content = await receiveSource(engine, request.body as Readable | undefined, {
      space,
      announced,
      reserved,
    })
    return answer(engine, request, reply, await open(engine, request, describe(content)), false)
  })
}

/** Checks operation and parameters, and answers how the descriptor of a content looks. */
function describer(
  engine: Engine,
  request: FastifyRequest<OperationParams>,
): (content: ContentId | undefined) => Descriptor {
  const query = request.raw.url?.split('?').slice(1).join('?') ?? ''
  const params = parseParameterQuery(query)
  const { operation: name } = request.params
  engine.operations.require(name).checkParams(params)
  const salt = singleHeader(request, HEADERS.salt)
  const isPrivate = singleHeader(request, HEADERS.space) === 'private'
  return content => ({
    v: 1,
    ...(content === undefined ? {} : { content }),
    operation: { name, params },
    ...(isPrivate ? { user: request.caller.user } : {}),
    ...(salt === undefined ? {} : { salt }),
  })
}

/** Whether an operation can answer before it has all of its source; the others answer at the end in any case. */
function isStreaming(engine: Engine, name: string): boolean {
  return engine.operations.require(name).operation.streaming
}

function announcedContent(request: FastifyRequest): ContentId | undefined {
  const text = singleHeader(request, HEADERS.content)
  if (text === undefined) return undefined
  const id = parseContentId(text)
  if (!id) throw new ProtocolError('bad-request', `${HEADERS.content} is a content id, not "${text}".`)
  return id
}

/** Opens the entry where its source or its result is stored already. */
async function openStored(
  engine: Engine,
  request: FastifyRequest,
  space: SpaceId,
  descriptor: Descriptor,
): Promise<Opened | undefined> {
  const source = await findCompleteContent(engine, { space, id: descriptor.content as ContentId })
  const entry = source ?? (await engine.entries.get(space, deriveEntryKey(engine.blake3, descriptor)))
  if (!entry) return undefined
  const opened = await open(engine, request, descriptor)
  return opened.record.phase.state === 'UPLOADING' ? undefined : opened
}

function open(engine: Engine, request: FastifyRequest, descriptor: Descriptor): Promise<Opened> {
  return openEntry(engine, request.caller, deriveEntryKey(engine.blake3, descriptor), { descriptor })
}

/** Stores the body as a content. A body that is not the announced content leaves nothing. */
async function receiveSource(
  engine: Engine,
  body: Readable | undefined,
  {
    space,
    announced,
    reserved,
  }: {
    space: SpaceId
    announced: ContentId | undefined
    reserved: Awaited<ReturnType<typeof reserveBlob>>
  },
): Promise<ContentId> {
  const stored = await storeBytes(engine, bodyChunks(body ?? Readable.from([])), undefined, reserved)
  if (announced !== undefined && stored.id !== announced) {
    await discardBytes(engine, stored)
    throw new ProtocolError('content-mismatch', `The body is ${stored.id}, not the announced ${announced}.`)
  }
  return (await publishContent(engine, space, stored)).id
}

async function answer(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  { record, served }: Opened,
  isAtOnce: boolean,
): Promise<FastifyReply> {
  reply.headers({ [HEADERS.key]: record.key, [HEADERS.served]: served })
  const waited = isAtOnce
    ? record
    : (await waitAsPreferred(engine, request, record, engine.limits.maxWaitSeconds)).record
  const { state } = waited.phase
  const isMinimal = state === 'COMPLETE' && prefersMinimal(request)
  if (isTerminal(state) && !isMinimal) return sendResult(engine, request, reply, waited, served)
  reply.header('location', PATHS.result(waited.key))
  if (isMinimal) reply.header('preference-applied', 'return=minimal')
  return sendEntry(engine, reply, waited, served)
}

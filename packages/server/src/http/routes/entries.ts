import {
  type ContentId,
  type EntryDocument,
  HEADERS,
  isErrorCode,
  isTerminal,
  MEDIA_TYPES,
  PATHS,
  ProtocolError,
  type Served,
} from '@opcache/protocol'
import { EntryState, OpenRequest } from '@opcache/protocol/schemas'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import { deleteEntry } from '../../engine/delete-entry.js'
import type { Engine } from '../../engine/engine.js'
import { entryDocument, servableResult } from '../../engine/entry-view.js'
import { findEntry } from '../../engine/find-entry.js'
import { openEntry } from '../../engine/open-entry.js'
import { requireCompleteContent, requireSource } from '../../engine/read-content.js'
import { settleEntry } from '../../engine/settle-entry.js'
import { waitForEntry } from '../../engine/wait-for-entry.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { sendEvents } from '../entry-events.js'
import { acceptJsonBodies } from '../json-body.js'
import { preferredWait } from '../request-context.js'
import { messageCheck } from '../schema-check.js'
import { sendBytes } from '../send-bytes.js'

interface KeyParams {
  Params: { key: string }
}

const checkOpenRequest = messageCheck(OpenRequest)

/** Everything about entries: open, status, result, source, delete, list. */
export function entryRoutes(app: FastifyInstance, engine: Engine): void {
  acceptJsonBodies(app, engine.limits.maxJsonBytes)

  app.post<KeyParams>(PATHS.entry(':key'), async (request, reply) => {
    const { record, served } = await openEntry(
      engine,
      request.caller,
      request.params.key,
      checkOpenRequest(request.body),
    )
    return sendEntry(engine, reply, record, served)
  })

  app.get<KeyParams>(PATHS.entry(':key'), async (request, reply) => {
    requireScopes(request.caller, 'read')
    const found = await findEntry(engine, request.caller, request.params.key)
    const record = await settleEntry(engine, found)
    if (request.method === 'GET' && request.headers.accept?.includes(MEDIA_TYPES.events)) {
      await sendEvents(engine, request, reply, record)
      return reply
    }
    return sendEntry(engine, reply, await waitAsPreferred(engine, request, record))
  })

  app.get<KeyParams>(PATHS.result(':key'), async (request, reply) => {
    requireScopes(request.caller, 'read')
    const found = await findEntry(engine, request.caller, request.params.key)
    const record = await settleEntry(engine, found)
    return sendResult(engine, request, reply, await waitAsPreferred(engine, request, record))
  })

  app.get<KeyParams>(PATHS.source(':key'), async (request, reply) => {
    requireScopes(request.caller, 'read')
    const record = await findEntry(engine, request.caller, request.params.key)
    const content = await requireSource(engine, record)
    return sendBytes(engine, request, reply, content, { type: MEDIA_TYPES.bytes, name: 'source' })
  })

  app.delete<KeyParams>(PATHS.entry(':key'), async (request, reply) => {
    await deleteEntry(engine, request.caller, request.params.key)
    return reply.code(204).send()
  })

  app.get<{ Querystring: Record<string, unknown> }>(PATHS.entries, async (request, reply) => {
    requireScopes(request.caller, 'read')
    const { caller } = request
    const page = await engine.entries.list({
      namespace: caller.namespace,
      creator: caller.user,
      ...listQuery(request.query),
    })
    const entries: EntryDocument[] = []
    for (const record of page.entries) {
      if (record.expiresAt > engine.now()) entries.push(await entryDocument(engine, record))
    }
    return reply.header('cache-control', 'no-store').send({ entries, next: page.next ?? null })
  })
}

/** Answers an entry's document, with the status that its state has. */
export async function sendEntry(
  engine: Engine,
  reply: FastifyReply,
  record: EntryRecord,
  served?: Served,
): Promise<FastifyReply> {
  const document = await entryDocument(engine, record, served)
  if (!isTerminal(document.state)) reply.header('retry-after', 1)
  return reply
    .code(isTerminal(document.state) ? 200 : 202)
    .header('cache-control', 'no-store')
    .send(document)
}

/**
 * Answers the result's bytes; the document while there is none.
 *
 * @throws ProtocolError `operation-failed`, `storage-full`; `content-not-found` when the result is no longer stored.
 */
export async function sendResult(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  record: EntryRecord,
  served?: Served,
): Promise<FastifyReply> {
  reply.header(HEADERS.attempt, record.attempt)
  const { phase } = record
  if (phase.state === 'FAILED') {
    const { code, detail, deterministic = false } = phase.error
    const told = isErrorCode(code) ? code : 'operation-failed'
    throw new ProtocolError(told, detail, { members: { deterministic } })
  }
  const result = servableResult(phase)
  if (!result) {
    reply.header('location', PATHS.result(record.key))
    return sendEntry(engine, reply, record, served)
  }
  const content = await requireCompleteContent(engine, { space: record.space, id: result.id as ContentId })
  return sendBytes(engine, request, reply, content, result)
}

/** The entry after the wait that the request prefers. @throws ProtocolError `entry-not-found` when it was deleted */
async function waitAsPreferred(
  engine: Engine,
  request: FastifyRequest,
  record: EntryRecord,
): Promise<EntryRecord> {
  const seconds = preferredWait(request, engine.limits.maxWaitSeconds) ?? 0
  const waited = await waitForEntry(engine, record, {
    isDone: ({ phase }) => isTerminal(phase.state),
    timeoutMs: seconds * 1000,
    signal: request.gone,
  })
  if (waited) return waited
  throw new ProtocolError('entry-not-found', 'The entry was deleted while you waited: open it again.')
}

const ENTRY_STATES = EntryState.anyOf.map(({ const: state }) => state)

function listQuery({ state, cursor, limit, ...unknown }: Record<string, unknown>) {
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw new ProtocolError('bad-request', `A list knows no "${name}".`)
  const known = ENTRY_STATES.find(candidate => candidate === state)
  if (state !== undefined && !known) {
    throw new ProtocolError('bad-request', `"state" is one of ${ENTRY_STATES.join(', ')}.`)
  }
  const count = limit === undefined ? 100 : Number(limit)
  if (!Number.isInteger(count) || count < 1 || count > 1000) {
    throw new ProtocolError('bad-request', '"limit" is a whole number from 1 to 1000.')
  }
  if (cursor !== undefined && typeof cursor !== 'string') {
    throw new ProtocolError('bad-request', '"cursor" is given once.')
  }
  return {
    limit: count,
    ...(known ? { state: known } : {}),
    ...(cursor === undefined ? {} : { cursor }),
  }
}

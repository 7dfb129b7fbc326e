import { type EntryDocument, MEDIA_TYPES, PATHS, ProtocolError } from '@opcache/protocol'
import { EntryState, OpenRequest } from '@opcache/protocol/schemas'
import type { FastifyInstance } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import { requireSource } from '../../engine/contents/read-content.js'
import type { Engine } from '../../engine/engine.js'
import { deleteEntry } from '../../engine/entries/delete-entry.js'
import { entryDocument } from '../../engine/entries/entry-view.js'
import { findEntry, isExpired } from '../../engine/entries/find-entry.js'
import { listedEntry } from '../../engine/entries/listed-entry.js'
import { openEntry } from '../../engine/entries/open-entry.js'
import { settleEntry } from '../../engine/entries/settle-entry.js'
import { sendEvents } from '../answers/entry-events.js'
import { followStart, sendFollowed } from '../answers/follow-result.js'
import { sendBytes } from '../answers/send-bytes.js'
import { sendDocument, sendEntry, sendResult } from '../answers/send-entry.js'
import { acceptJsonBodies } from '../requests/json-body.js'
import { preferredWait, waitAsPreferred } from '../requests/preferred-wait.js'
import { messageCheck } from '../requests/schema-check.js'

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
    const waited = await waitAsPreferred(engine, request, record)
    return sendDocument(reply, waited.record.phase.state, await waited.document())
  })

  app.get<KeyParams & { Querystring: Record<string, unknown> }>(
    PATHS.result(':key'),
    async (request, reply) => {
      requireScopes(request.caller, 'read')
      const start = followStart(request.query)
      const found = await findEntry(engine, request.caller, request.params.key)
      const record = await settleEntry(engine, found)
      if (!start || request.method === 'HEAD') {
        const waited = await waitAsPreferred(engine, request, record)
        return sendResult(engine, request, reply, waited.record)
      }
      const { maxWaitSeconds } = engine.limits
      const seconds = preferredWait(request, maxWaitSeconds) ?? maxWaitSeconds
      return sendFollowed(engine, request, reply, record, { ...start, timeoutMs: seconds * 1000 })
    },
  )

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
    const query = listQuery(request.query)
    const page = await engine.entries.list({
      namespace: caller.namespace,
      creator: caller.user,
      ...query,
    })
    const entries: EntryDocument[] = []
    for (const found of page.entries) {
      const record = isExpired(engine, found) ? undefined : await listedEntry(engine, found)
      if (!record || (query.state && query.state !== record.phase.state)) continue
      const { log: _, ...entry } = await entryDocument(engine, record)
      entries.push(entry)
    }
    return reply.header('cache-control', 'no-store').send({ entries, next: page.next ?? null })
  })
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

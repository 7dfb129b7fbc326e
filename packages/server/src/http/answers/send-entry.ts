import {
  type ContentId,
  type EntryState,
  HEADERS,
  isErrorCode,
  isTerminal,
  MEDIA_TYPES,
  PATHS,
  type Problem,
  ProtocolError,
  type Served,
} from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireCompleteContent } from '../../engine/contents/read-content.js'
import type { Engine } from '../../engine/engine.js'
import { entryDocument, servableResult } from '../../engine/entries/entry-view.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { sendBytes } from './send-bytes.js'

/** Answers an entry's document, with the status that its state has. */
export async function sendEntry(
  engine: Engine,
  reply: FastifyReply,
  record: EntryRecord,
  served?: Served,
): Promise<FastifyReply> {
  const document = await entryDocument(engine, record, served)
  return sendDocument(reply, document.state, JSON.stringify(document))
}

/** Answers the document of an entry, as JSON, with the status that its state has. */
export function sendDocument(reply: FastifyReply, state: EntryState, document: string): FastifyReply {
  if (!isTerminal(state)) reply.header('retry-after', 1)
  return reply
    .code(isTerminal(state) ? 200 : 202)
    .header('cache-control', 'no-store')
    .type(MEDIA_TYPES.json)
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
  if (phase.state === 'FAILED') throw failureOf(phase.error)
  const result = servableResult(phase)
  if (!result) {
    reply.header('location', PATHS.result(record.key))
    return sendEntry(engine, reply, record, served)
  }
  const content = await requireCompleteContent(engine, { space: record.space, id: result.id as ContentId })
  return sendBytes(engine, request, reply, content, result)
}

/** The failure of an operation as an error. */
export function failureOf({ code, detail, deterministic = false }: Problem): ProtocolError {
  const told = isErrorCode(code) ? code : 'operation-failed'
  return new ProtocolError(told, detail, { members: { deterministic } })
}

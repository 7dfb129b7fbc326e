import {
  type ContentId,
  type EntryDocument,
  HEADERS,
  isErrorCode,
  isTerminal,
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
  return sendDocument(reply, await entryDocument(engine, record, served))
}

/** Answers the document of an entry, with the status that its state has. */
export function sendDocument(reply: FastifyReply, document: EntryDocument): FastifyReply {
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

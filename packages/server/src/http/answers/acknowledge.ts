import { finished } from 'node:stream/promises'
import {
  HEADERS,
  MEDIA_TYPES,
  type PartAcknowledgement,
  type StreamPartAcknowledgement,
} from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { requireScopes } from '../../engine/caller.js'
import type { Engine } from '../../engine/engine.js'
import { findEntry } from '../../engine/entries/find-entry.js'
import { takeOutput } from '../../engine/outputs/read-output.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { isWaitingForContinue } from '../requests/expectation.js'
import { singleHeader } from '../requests/request-context.js'
import { wholeNumber } from '../requests/whole-number.js'

/** Most bytes of output that one acknowledgement carries. */
const OUTPUT_BYTES = 2 ** 20

/** The output that the sender of a part wants to have with the acknowledgement. */
export interface WantedOutput {
  readonly record: EntryRecord
  readonly from: number
}

/**
 * What a part's head says of output that its sender wants; undefined when it says nothing. The entry's operation begins
 * to work on what is there, where it can.
 *
 * @throws ProtocolError `entry-not-found`, `bad-request`, `forbidden`
 */
export async function wantedOutput(
  engine: Engine,
  request: FastifyRequest,
): Promise<WantedOutput | undefined> {
  const key = singleHeader(request, HEADERS.entry)
  if (key === undefined) return undefined
  const from = wholeNumber(singleHeader(request, HEADERS.outputFrom), HEADERS.outputFrom)
  requireScopes(request.caller, 'read')
  const record = await findEntry(engine, request.caller, key)
  await engine.live.begin(engine, record)
  return { record, from }
}

/** Acknowledges a part: with output of the entry that its sender follows, where there is some, else as a document. */
export async function acknowledge(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  acknowledgement: PartAcknowledgement | StreamPartAcknowledgement,
  wanted: WantedOutput | undefined,
): Promise<FastifyReply> {
  const record = wanted && (await engine.entries.get(wanted.record.space, wanted.record.key))
  const output = record && engine.outputs.find(record)
  if (!wanted || !output) return reply.send(acknowledgement)
  const { from } = wanted
  const bytes = await takeOutput(engine, output, from, OUTPUT_BYTES)
  if (bytes.length === 0) return reply.send(acknowledgement)
  await bodyReadAway(request)
  const blocks =
    'missingBlocks' in acknowledgement
      ? { [HEADERS.missingBlocks]: acknowledgement.missingBlocks }
      : { [HEADERS.presentBlocks]: acknowledgement.presentBlocks }
  return reply
    .headers({
      ...blocks,
      [HEADERS.attempt]: record.attempt,
      [HEADERS.outputRange]: `${from}-${from + bytes.length}`,
      'x-content-type-options': 'nosniff',
    })
    .type(MEDIA_TYPES.bytes)
    .send(bytes)
}

/** A body that was not needed, and comes all the same, comes first: a connection that ends would take the answer with it. */
async function bodyReadAway(request: FastifyRequest): Promise<void> {
  const { raw } = request
  if (isWaitingForContinue(request) || raw.readableEnded || raw.destroyed) return
  const ended = finished(raw, { writable: false }).catch(() => undefined)
  raw.resume()
  await ended
}

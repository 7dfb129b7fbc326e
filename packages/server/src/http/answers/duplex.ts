import { randomUUID } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import {
  BLOCK_BYTES,
  type ContentId,
  type Descriptor,
  type EntryKey,
  HEADERS,
  type StreamId,
} from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Engine } from '../../engine/engine.js'
import { forgetEntry } from '../../engine/entries/delete-entry.js'
import { openEntry } from '../../engine/entries/open-entry.js'
import { forgetStream } from '../../engine/streams/forget-stream.js'
import { receiveStream } from '../../engine/streams/receive-stream.js'
import type { SpaceId } from '../../ports/space.js'
import { bodyChunks } from '../requests/body-chunks.js'
import { singleHeader } from '../requests/request-context.js'
import { keepBody, readAway } from '../requests/unread-body.js'
import { sendFollowed } from './follow-result.js'

/** Whether the answer is to start while the body is still coming (RFC 9651: a boolean). */
export function wantsDuplex(request: FastifyRequest): boolean {
  return singleHeader(request, HEADERS.duplex)?.trim() === '?1'
}

/** A run whose body is taken as a stream. */
export interface DuplexRun {
  readonly space: SpaceId
  /** Names no content: nobody knows it yet. */
  readonly descriptor: Descriptor
  readonly announced: ContentId | undefined
}

/**
 * Runs a streaming operation on a body that is still coming, and answers what it writes while it writes it. The body is
 * a stream, and the entry one of its own; so the result is found by its content afterwards. Where the body breaks off,
 * both are forgotten.
 */
export async function runDuplex(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  { space, descriptor, announced }: DuplexRun,
): Promise<FastifyReply> {
  const { caller } = request
  const ref = { space, id: `u-${randomUUID()}` as StreamId }
  const key = `u-${randomUUID()}` as EntryKey
  const { record, served } = await openEntry(engine, caller, key, { descriptor, source: ref.id })
  reply.headers({ [HEADERS.key]: key, [HEADERS.served]: served })
  keepBody(request)
  const body = new BodyInlet(
    (request.body as Readable | undefined) ?? Readable.from([], { objectMode: false }),
  )
  let failure: { readonly error: unknown } | undefined
  const receiving = receiveStream(engine, caller, { ref, body: bodyChunks(body.bytes), announced }).catch(
    async (error: unknown) => {
      failure = { error }
      await forgetEntry(engine, record)
      await forgetStream(engine, ref)
    },
  )
  try {
    const timeoutMs = Number.POSITIVE_INFINITY
    await sendFollowed(engine, request, reply, record, { from: 0, attempt: undefined, timeoutMs })
  } catch (error) {
    // What broke the body is what its sender has to know.
    const reason = failure ? failure.error : error
    body.stop(reason as Error)
    await receiving
    readAway(request, reply, engine.blobs.capabilities.maxPartBlocks * BLOCK_BYTES)
    throw reason
  }
  // A body that breaks off breaks off the answer.
  await receiving
  return reply
}

/** A body that may be left in its middle, with its connection alive for the answer. */
class BodyInlet {
  readonly bytes = new PassThrough()
  readonly #body: Readable

  constructor(body: Readable) {
    this.#body = body
    body.pipe(this.bytes)
    // Whoever reads it meets its error; nobody may, where what reads it has failed before.
    this.bytes.on('error', () => undefined)
    finished(body, { writable: false }).catch((error: Error) => this.bytes.destroy(error))
  }

  /** Nobody wants the rest. */
  stop(reason: Error): void {
    this.#body.unpipe(this.bytes)
    this.bytes.destroy(reason)
  }
}

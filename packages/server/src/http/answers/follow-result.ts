import { Readable } from 'node:stream'
import { type ContentId, HEADERS, MEDIA_TYPES, ProtocolError, type ResultDocument } from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { readContent, requireCompleteContent } from '../../engine/contents/read-content.js'
import type { Engine } from '../../engine/engine.js'
import { type Followed, followEntry } from '../../engine/entries/follow-entry.js'
import { readOutput } from '../../engine/outputs/read-output.js'
import type { OutputLook, RunningOutput } from '../../engine/outputs/running-output.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { countWait } from '../requests/preferred-wait.js'
import { wholeNumber } from '../requests/whole-number.js'
import { failureOf, sendEntry } from './send-entry.js'

/** How long the head of an answer waits for its first byte: until there is one, a failure can still be told in words. */
const HEAD_HELD_MS = 5_000

/** What a follower has already. */
export interface FollowStart {
  /** Bytes of the output that it has. */
  readonly from: number
  /** The attempt that wrote them. */
  readonly attempt: number | undefined
}

/** Where `?follow` is to begin; undefined where it is not asked for. @throws ProtocolError `bad-request` */
export function followStart(query: Record<string, unknown>): FollowStart | undefined {
  if (!('follow' in query)) return undefined
  const number = (name: string) =>
    query[name] === undefined ? undefined : wholeNumber(String(query[name]), `"${name}"`)
  const from = number('from') ?? 0
  const attempt = number('attempt')
  if (from > 0 && attempt === undefined) {
    throw new ProtocolError(
      'bad-request',
      '"from" goes on with the output of an attempt: give "attempt" as well.',
    )
  }
  return { from, attempt }
}

/** An answer that is read while it is written, or what stands in its way. */
export interface FollowOptions extends FollowStart {
  /** How long to wait until there is an attempt to follow. */
  readonly timeoutMs: number
}

/**
 * Sends the output of an entry's attempt while it is written, as soon as there is some. The body ends well only when the
 * entry is complete by this attempt; otherwise the connection is cut, so that a part never looks whole.
 *
 * @throws ProtocolError `attempt-changed`; `operation-failed`, `storage-full`; `entry-not-found` when it was deleted
 */
export async function sendFollowed(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  record: EntryRecord,
  { from, attempt, timeoutMs }: FollowOptions,
): Promise<FastifyReply> {
  countWait(request)
  for (;;) {
    const followed = await followEntry(engine, record, { timeoutMs, signal: request.gone })
    if (!followed) {
      throw new ProtocolError('entry-not-found', 'The entry was deleted while you waited: open it again.')
    }
    checkAttempt(followed, attempt)
    const { output, record: current } = followed
    reply.header(HEADERS.attempt, current.attempt)
    if (output) {
      const look = await firstLook(output, from, request.gone)
      // Not a byte was sent: whatever has become of the entry meanwhile is told as such.
      if (look.kind === 'cut' || look.kind === 'published') continue
      return sendOutput(engine, request, reply, output, from)
    }
    const { phase } = current
    if (phase.state === 'FAILED') throw failureOf(phase.error)
    if (phase.state === 'COMPLETE') return sendRest(engine, reply, current, phase.result, from)
    return sendEntry(engine, reply, current)
  }
}

/** A result of another attempt is not the rest of what the follower has. */
function checkAttempt({ record }: Followed, attempt: number | undefined): void {
  const { phase } = record
  const isEarlier = phase.state === 'COMPLETE' && phase.refreshError !== undefined
  if (attempt === undefined || (record.attempt === attempt && !isEarlier)) return
  throw new ProtocolError(
    'attempt-changed',
    `The entry is at attempt ${record.attempt}, not ${attempt}: follow it from the start.`,
  )
}

/** What there is at `from`, once there is something, or after a while. */
async function firstLook(output: RunningOutput, from: number, signal: AbortSignal): Promise<OutputLook> {
  const deadline = performance.now() + HEAD_HELD_MS
  for (;;) {
    const { rings } = output.changed
    const look = output.look(from)
    const leftMs = deadline - performance.now()
    if (look.kind !== 'nothing' || leftMs <= 0 || signal.aborted) return look
    await output.changed.sleep(rings, leftMs, signal).catch(() => undefined)
  }
}

function sendOutput(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  output: RunningOutput,
  from: number,
): FastifyReply {
  async function* bytes() {
    // Who follows an operation that is silent so far knows that it has begun.
    reply.raw.flushHeaders()
    yield* readOutput(engine, output, from, request.gone)
  }
  return reply
    .code(200)
    .headers({ 'cache-control': 'private, no-transform', 'x-content-type-options': 'nosniff' })
    .type(MEDIA_TYPES.bytes)
    .send(Readable.from(bytes(), { objectMode: false }))
}

async function sendRest(
  engine: Engine,
  reply: FastifyReply,
  { space }: EntryRecord,
  { id, type }: ResultDocument,
  from: number,
): Promise<FastifyReply> {
  const content = await requireCompleteContent(engine, { space, id: id as ContentId })
  if (from > content.size) {
    reply.header('content-range', `bytes */${content.size}`)
    throw new ProtocolError(
      'range-not-satisfiable',
      `The result has ${content.size} bytes, fewer than ${from}.`,
    )
  }
  return reply
    .code(200)
    .headers({
      etag: `"${content.id}"`,
      'cache-control': 'private, no-transform',
      'x-content-type-options': 'nosniff',
      'content-length': content.size - from,
    })
    .type(type)
    .send(readContent(engine, content, from))
}

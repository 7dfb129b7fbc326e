import { type EntryDocument, isTerminal, MEDIA_TYPES, PATHS } from '@opcache/protocol'
import { OperationFailedError } from '../errors/operation-failed-error.js'
import { RequestError } from '../errors/request-error.js'
import { WaitTimeoutError } from '../errors/wait-timeout-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { ConnectionLost } from '../transport/connection-lost.js'
import type { Answer } from '../transport/exchange.js'
import { type EntryEvent, entryEvents } from './entry-events.js'

/** Comments come every 15 s. */
const COMMENT_MS = 15_000

/** Before an event stream is asked for again that ended without telling anything. */
const FRUITLESS_PAUSE_MS = 1_000

/**
 * Waits until an entry is complete, across any number of lost connections.
 *
 * @throws OperationFailedError, WaitTimeoutError, RequestError `entry-not-found` when it is unknown or was deleted,
 * `storage-full` when the server had no room for the result.
 */
export async function waitForEntry(
  connection: Connection,
  call: Call,
  key: string,
  waitTimeoutMs: number | undefined,
): Promise<EntryDocument> {
  const limit = limitWait(call, key, waitTimeoutMs)
  try {
    return completed(await followToEnd(connection, limit.call, key))
  } finally {
    limit.clear()
  }
}

/** The entry, if it is complete. @throws OperationFailedError, RequestError `storage-full` */
export function completed(entry: EntryDocument): EntryDocument {
  if (entry.state !== 'FAILED') return entry
  const { code, status, detail = 'The operation failed.', deterministic = false } = entry.error ?? {}
  if (code === 'storage-full' && status !== undefined) throw new RequestError({ code, status, detail })
  throw new OperationFailedError(entry.key, detail, deterministic)
}

function followToEnd(connection: Connection, call: Call, key: string): Promise<EntryDocument> {
  const path = PATHS.entry(encodeURIComponent(key))
  let lastEventId: string | undefined
  return connection.attempt(call, async turn => {
    const headers = {
      accept: MEDIA_TYPES.events,
      ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    }
    const answer = await connection.send({ method: 'GET', path, headers, pauseMs: COMMENT_MS }, call, key)
    turn.progressed()
    // 204: nothing will come any more after the event that was seen last.
    if (answer.status === 204) return readTerminal(connection, call, key, answer)
    let hasTold = false
    for await (const event of entryEvents(answer)) {
      turn.progressed()
      if (event.kind === 'gone') throw entryGone()
      if (event.kind !== 'entry') continue
      hasTold = true
      lastEventId = event.id ?? lastEventId
      if (isTerminal(event.entry.state)) return event.entry
      reportProcessing(call, event)
    }
    throw new ConnectionLost('the server stopped telling about the entry', {
      retryAfterMs: hasTold ? undefined : FRUITLESS_PAUSE_MS,
    })
  })
}

async function readTerminal(
  connection: Connection,
  call: Call,
  key: string,
  answer: Answer,
): Promise<EntryDocument> {
  answer.close()
  const path = PATHS.entry(encodeURIComponent(key))
  const entry = await connection.readDocument<EntryDocument>(
    await connection.send({ method: 'GET', path }, call, key),
  )
  if (isTerminal(entry.state)) return entry
  throw new ConnectionLost('the server does not tell about the entry', { retryAfterMs: FRUITLESS_PAUSE_MS })
}

function reportProcessing(call: Call, { entry }: EntryEvent & { kind: 'entry' }): void {
  const { fraction, message } = entry.progress ?? {}
  call.progress.report({
    phase: 'processing',
    ...(fraction !== undefined && { fraction }),
    ...(message !== undefined && { message }),
  })
}

function entryGone(): RequestError {
  return new RequestError({
    code: 'entry-not-found',
    status: 404,
    detail: 'The entry was deleted while this call waited for it. Run the operation again.',
  })
}

/** The call with a limit on its time. */
function limitWait(
  call: Call,
  key: string,
  waitTimeoutMs: number | undefined,
): { call: Call; clear(): void } {
  if (waitTimeoutMs === undefined) return { call, clear: () => undefined }
  const clock = new AbortController()
  const timer = setTimeout(() => clock.abort(new WaitTimeoutError(key, waitTimeoutMs)), waitTimeoutMs)
  const signal = call.signal ? AbortSignal.any([call.signal, clock.signal]) : clock.signal
  return { call: { ...call, signal }, clear: () => clearTimeout(timer) }
}

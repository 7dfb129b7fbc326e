import { isTerminal, ProtocolError } from '@opcache/protocol'
import type { FastifyRequest } from 'fastify'
import type { Engine } from '../../engine/engine.js'
import { type SeenEntry, seenAlone, waitForEntry } from '../../engine/entries/wait-for-entry.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { preferences } from './preferences.js'
import { onceOver } from './request-context.js'

/** RFC 7240: seconds of `Prefer: wait=N`, at most `maxSeconds`; undefined without one. */
export function preferredWait(request: FastifyRequest, maxSeconds: number): number | undefined {
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})"?/i.exec(preferences(request))?.[1]
  return wait === undefined ? undefined : Math.min(Number(wait), maxSeconds)
}

/** Counts a request among those that wait, until it is answered. @throws ProtocolError `rate-limited`, `busy` */
export function countWait(request: FastifyRequest): void {
  onceOver(request, request.server.waits.take(request.caller))
}

/**
 * The entry once it is terminal, or after the wait that the request prefers; after `otherwiseSeconds` where it prefers
 * none.
 *
 * @throws ProtocolError `entry-not-found` when it was deleted meanwhile; `rate-limited`, `busy` when too many wait
 */
export async function waitAsPreferred(
  engine: Engine,
  request: FastifyRequest,
  record: EntryRecord,
  otherwiseSeconds = 0,
): Promise<SeenEntry> {
  const seconds = preferredWait(request, engine.limits.maxWaitSeconds) ?? otherwiseSeconds
  if (seconds === 0 || isTerminal(record.phase.state)) return seenAlone(engine, record)
  countWait(request)
  const waited = await waitForEntry(engine, record, {
    isDone: ({ phase }) => isTerminal(phase.state),
    timeoutMs: seconds * 1000,
    signal: request.gone,
  })
  if (waited) return waited
  throw new ProtocolError('entry-not-found', 'The entry was deleted while you waited: ask for it again.')
}

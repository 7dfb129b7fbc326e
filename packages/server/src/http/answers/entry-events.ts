import { once } from 'node:events'
import { HEADERS, isTerminal, MEDIA_TYPES } from '@opcache/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Engine } from '../../engine/engine.js'
import { watchEntry } from '../../engine/entries/wait-for-entry.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { REQUEST_ID_HEADER } from '../request-log.js'
import { countWait } from '../requests/preferred-wait.js'

/** A comment comes at least every 15 s, so that a silent connection is a dead one. */
const COMMENT_MS = 14_000

/** After so long, a client whose connection ended comes back; each after another time, for all of them may end at once. */
const comeBackMs = () => Math.round(500 + Math.random() * 1_000)

/** Sends an entry's revisions as server-sent events, until it is terminal or gone. */
export async function sendEvents(
  engine: Engine,
  request: FastifyRequest,
  reply: FastifyReply,
  record: EntryRecord,
): Promise<void> {
  const known = Number(request.headers['last-event-id'] ?? 0)
  if (isTerminal(record.phase.state) && known === record.revision) {
    await reply.code(204).send()
    return
  }
  countWait(request)
  reply.hijack()
  const { raw } = reply
  raw.writeHead(200, {
    'content-type': MEDIA_TYPES.events,
    'cache-control': 'no-store',
    [HEADERS.protocol]: '1',
    [REQUEST_ID_HEADER]: request.id,
  })
  raw.write(`retry: ${comeBackMs()}\n`)
  const comment = setInterval(() => {
    if (!raw.writableNeedDrain) raw.write(': still here\n\n')
  }, COMMENT_MS)
  try {
    const watching = watchEntry(engine, record, { signal: request.gone })
    for await (const { record: current, document } of watching) {
      if (current.incarnation !== record.incarnation) break
      // Equal, not less: after a deletion the revisions begin anew.
      if (current.revision !== known) {
        const hasRoom = raw.write(`event: entry\nid: ${current.revision}\ndata: ${await document()}\n\n`)
        // Who reads slowly misses some revisions; they are not kept for him.
        if (!hasRoom) await once(raw, 'drain', { signal: request.gone })
      }
      if (isTerminal(current.phase.state)) return
    }
    // Ended without a terminal state: gone, unless it was the server or the client that ended it.
    if (!request.gone.aborted && !engine.closing.aborted) raw.write('event: gone\ndata: {}\n\n')
  } catch (error) {
    if (!request.gone.aborted) engine.report(error, 'telling about an entry')
  } finally {
    clearInterval(comment)
    raw.end()
  }
}

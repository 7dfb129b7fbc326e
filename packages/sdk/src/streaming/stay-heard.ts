import { StreamLostError } from '../errors/stream-lost-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { readStreamDocument, type StreamTarget } from './stream-requests.js'
import type { StreamWindow } from './stream-window.js'

/** Servers give up a stream of which they hear nothing for a minute. */
const HEARD_EVERY_MS = 20_000

/**
 * Lets the server hear of a stream until it is read to its end: its source may take hours for a block. Tells early that
 * the server lost what it had.
 *
 * @throws StreamLostError
 */
export async function stayHeard(
  connection: Connection,
  call: Call,
  stream: StreamTarget,
  window: StreamWindow,
): Promise<void> {
  while (!(await window.hasEnded(HEARD_EVERY_MS, call.signal))) {
    const isSent = window.hasReleased
    const known = await connection.attempt(call, () => readStreamDocument(connection, call, stream))
    if (isSent && !known) throw new StreamLostError('It forgot all of it.')
  }
}

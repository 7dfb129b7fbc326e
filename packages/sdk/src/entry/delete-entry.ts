import { PATHS } from '@opcache/protocol'
import { isRequestError } from '../errors/request-error.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'

/** Forgets an entry and cancels what runs for it. @throws RequestError `entry-not-found` */
export async function deleteEntry(connection: Connection, call: Call, key: string): Promise<void> {
  const path = PATHS.entry(encodeURIComponent(key))
  await connection.attempt(call, async turn => {
    try {
      const answer = await connection.send({ method: 'DELETE', path }, call, key)
      await answer.bytes()
    } catch (error) {
      // The answer to an earlier attempt may have been lost after it was carried out.
      const isRepeated = turn.attempt > 0 && isRequestError(error) && error.code === 'entry-not-found'
      if (!isRepeated) throw error
    }
  })
}

import { type Capabilities, PATHS } from '@opcache/protocol'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'

/** What the server can do for this caller. */
export function readCapabilities(connection: Connection, call: Call): Promise<Capabilities> {
  return connection.document<Capabilities>({ method: 'GET', path: PATHS.capabilities }, call)
}

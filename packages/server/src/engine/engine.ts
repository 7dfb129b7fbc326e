import type { Blake3 } from '@opcache/protocol'
import type { OperationRegistry } from '../operations/registry.js'
import type { Clock, Drivers } from '../ports/drivers.js'
import type { BlocksInFlight } from './blocks-in-flight.js'
import type { Limits } from './limits.js'
import type { ServerEvent } from './server-event.js'

/** What every rule of the engine works with. */
export interface Engine extends Omit<Drivers, 'close'> {
  readonly blake3: Blake3
  readonly operations: OperationRegistry
  readonly limits: Limits
  readonly now: Clock
  readonly inFlight: BlocksInFlight
  /** Aborted when the server closes: waits end, attempts are handed back. */
  readonly closing: AbortSignal
  /** Told of what happens, for those who count. */
  observe(event: ServerEvent): void
  /** Told of what went wrong where nobody can be answered, or where the answer cannot say it. */
  report(error: unknown, what: string): void
}

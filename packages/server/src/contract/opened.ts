import type { Clock } from '../ports/drivers.js'

/** A port under test. */
export interface Opened<Port> {
  readonly port: Port
  /** Releases what the case used, its data too. */
  close(): Promise<void>
}

/** Opens a port for one case, with nothing in it. What it does by time, it does by `now`. */
export type OpenPort<Port> = (now: Clock) => Promise<Opened<Port>>

/** A clock that is turned by hand. */
export class ManualClock {
  /** Milliseconds since 1970. */
  time = 1_700_000_000_000

  readonly now: Clock = () => this.time
}

/** Opens a port for a case, or for one run of a property, and closes it whatever happens. */
export async function withPort<Port>(
  open: OpenPort<Port>,
  use: (port: Port, clock: ManualClock) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock()
  const { port, close } = await open(clock.now)
  try {
    await use(port, clock)
  } finally {
    await close()
  }
}

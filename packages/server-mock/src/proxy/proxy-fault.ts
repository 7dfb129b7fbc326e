/** Which way bytes go: from the client to the server, or back. */
export type Direction = 'up' | 'down'

/** What happens to a connection once so many bytes have passed. */
export type ProxyAction =
  /** Both sides are closed in an orderly way. */
  | 'cut'
  /** The client gets a reset. */
  | 'reset'
  /** Nothing passes any more, in neither direction, and both sockets stay open. */
  | 'stall'
  /** Nothing passes any more, and both sides are closed in an orderly way, but only half a second later. */
  | 'slow-close'
  /** Nothing passes any more towards the server, while its answers still pass. */
  | 'half-open'

/** A fault of one connection. */
export interface ProxyFault {
  readonly action: ProxyAction
  /** Which bytes are counted. */
  readonly direction: Direction
  /** How many pass before it happens. @default 0 */
  readonly afterBytes?: number
  /**
   * Whose bytes are counted: those of each connection, or those of all from when it is planned, so that it meets
   * whichever connection carries the next byte. @default 'connection'
   */
  readonly counted?: 'connection' | 'all'
  /**
   * The connection that it meets, counted from 1 when it is planned; only connections that carry bytes count.
   * Without meaning where the bytes of all are counted. @default 1
   */
  readonly nth?: number
}

/** What all connections are like. */
export interface ProxyLine {
  /** Added to the way of every byte, each way, in milliseconds. @default 0 */
  readonly latencyMs?: number
  /** Of each connection, each way. @default unlimited */
  readonly bytesPerSecond?: number
}

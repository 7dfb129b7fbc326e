/** A request met no usable answer: what it asked for may or may not have happened. Stays inside of the client. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
  /** How long whoever answered asks to stay away, in milliseconds. */
  readonly retryAfterMs: number | undefined
  /** A connection that was kept for later turned out to be closed: nothing is known about the server by that. */
  readonly isStale: boolean

  constructor(
    reason: string,
    options: { cause?: unknown; retryAfterMs?: number | undefined; isStale?: boolean } = {},
  ) {
    super(reason, 'cause' in options ? { cause: options.cause } : undefined)
    this.retryAfterMs = options.retryAfterMs
    this.isStale = options.isStale ?? false
  }
}

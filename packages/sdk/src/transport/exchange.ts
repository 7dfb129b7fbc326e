import type { IncomingHttpHeaders } from 'node:http'

/** A body that can be produced again for every attempt. */
export interface StreamedBody {
  /** Bytes. */
  readonly length: number
  /** The bytes; a chunk is valid until the next one is asked for. */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>
}

/** One request. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path and query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | StreamedBody | undefined
  /** Send a streamed body at once, without `Expect: 100-continue`. @default false */
  readonly isUnexpected?: boolean
  /** How long the server may hold back its answer on purpose, in milliseconds. @default 0 */
  readonly heldMs?: number
  /** How long the server may pause on purpose between pieces of its answer, in milliseconds. @default 0 */
  readonly pauseMs?: number
  /** How long nothing may move before the connection counts as dead. @default IDLE_TIMEOUT_MS */
  readonly idleTimeoutMs?: number
}

/** A connection on which nothing moves for so long is dead. */
export const IDLE_TIMEOUT_MS = 30_000

/** What came back: the head at once, the body as it is read. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Bytes of the request's body that were sent: 0 where the server answered instead of asking for it. */
  readonly sentBytes: number
  /** The body; leaving the loop early closes the connection. @throws ConnectionLost */
  chunks(): AsyncGenerator<Uint8Array, void, undefined>
  /** The body, whole. @throws ConnectionLost */
  bytes(): Promise<Uint8Array>
  /** Drops what was not read. */
  close(): void
}

import type { ErrorCode } from '@opcache/protocol'
import type { RequestKind } from './request-kind.js'

/** What goes wrong with a request. Bytes count bodies only. */
export type FaultAction =
  /** The connection is cut after so many bytes of the request's body; at once by default. The request is not handled to its end. */
  | { readonly kind: 'drop'; readonly afterBytes?: number }
  /** The request is handled, and the connection is cut after so many bytes of the answer; before it by default. */
  | { readonly kind: 'drop-answer'; readonly afterBytes?: number }
  /** The request is handled after so many milliseconds. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Nothing comes any more, after so many bytes of the answer (before it by default), and the connection stays open. */
  | { readonly kind: 'stall'; readonly afterBytes?: number }
  /** The request is refused with this error, unhandled. */
  | { readonly kind: 'status'; readonly code: ErrorCode; readonly retryAfterSeconds?: number }
  /** One byte of the answer is altered, the first by default. */
  | { readonly kind: 'corrupt'; readonly atByte?: number }

  /**
   * Calls the test, which may do anything to the line, once so many bytes of the request's body have come (of a GET: of
   * its answer have gone); before the request is handled by default. The request is handled as usual.
   */
  | { readonly kind: 'act'; readonly afterBytes?: number; readonly act: () => void }

/** Which requests a fault meets. */
export interface Fault {
  readonly on: RequestKind
  /** The first matching request that it meets, counted from 1 when the fault is scripted. @default 1 */
  readonly nth?: number
  /** How many matching requests in a row it meets. @default 1 */
  readonly times?: number
  readonly action: FaultAction
}

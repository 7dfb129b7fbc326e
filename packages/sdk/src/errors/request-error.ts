import type { ErrorCode } from '@opcache/protocol'
import { OpcacheError } from './opcache-error.js'

/** What a refusal carries. */
export interface RequestFailure {
  code: ErrorCode
  /** HTTP status. */
  status: number
  /** What happened, why and what to do, in the server's words. */
  detail: string
  /** Names the request in the server's logs, where the server says so. */
  requestId?: string | undefined
  /** `block-mismatch`: index of the first bad block. */
  block?: number | undefined
  /** How long the server asks to stay away, in milliseconds. */
  retryAfterMs?: number | undefined
}

/** The server refused a request; `code` is one of the protocol's error table. */
export class RequestError extends OpcacheError {
  override readonly name = 'RequestError'
  readonly code: ErrorCode
  readonly status: number
  readonly detail: string
  readonly requestId: string | undefined
  readonly block: number | undefined
  readonly retryAfterMs: number | undefined

  constructor(failure: RequestFailure) {
    super(failure.detail)
    this.code = failure.code
    this.status = failure.status
    this.detail = failure.detail
    this.requestId = failure.requestId
    this.block = failure.block
    this.retryAfterMs = failure.retryAfterMs
  }
}

export function isRequestError(error: unknown): error is RequestError {
  return error instanceof Error && error.name === 'RequestError' && error instanceof OpcacheError
}

import { ERROR_TABLE } from '@opcache/protocol'
import { isRequestError } from '../errors/request-error.js'
import { ConnectionLost } from './connection-lost.js'

/** What a failed attempt means for the next one. */
export type FailureVerdict =
  /** Trying again would not help. */
  | { isRetried: false }
  /** Later it may work; `limit` is how often at most, where that is fewer than time allows. */
  | { isRetried: true; retryAfterMs: number | undefined; limit: number }

/** A full store is not emptied by asking again and again. */
const STORAGE_FULL_RETRIES = 2

const RETRIED_STATUS = new Set([408, 425, 429])

/** Decides by the error table what to do after a failure. */
export function classifyFailure(error: unknown): FailureVerdict {
  if (error instanceof ConnectionLost) return later(error.retryAfterMs)
  if (!isRequestError(error)) return { isRetried: false }
  if (error.code === 'storage-full') return later(error.retryAfterMs, STORAGE_FULL_RETRIES)
  const isLater =
    ERROR_TABLE[error.code].retry === 'later' || error.status >= 500 || RETRIED_STATUS.has(error.status)
  return isLater ? later(error.retryAfterMs) : { isRetried: false }
}

function later(retryAfterMs: number | undefined, limit = Number.POSITIVE_INFINITY): FailureVerdict {
  return { isRetried: true, retryAfterMs, limit }
}

import { OpcacheError } from './opcache-error.js'

/** The result is not in the cache, and the call was told not to have it made, or it was made away meanwhile. */
export class NotCachedError extends OpcacheError {
  override readonly name = 'NotCachedError'
  readonly code = 'not-cached'

  constructor(readonly key: string) {
    super(`There is no cached result under ${key}. Run the operation to have it made.`)
  }
}

export function isNotCachedError(error: unknown): error is NotCachedError {
  return error instanceof Error && error.name === 'NotCachedError'
}

import { OpcacheError } from './opcache-error.js'

/** The operation took longer than the caller wanted to wait. It goes on: ask for the result by `key` later. */
export class WaitTimeoutError extends OpcacheError {
  override readonly name = 'WaitTimeoutError'
  readonly code = 'wait-timeout'

  constructor(
    readonly key: string,
    readonly waitTimeoutMs: number,
  ) {
    super(
      `The operation was not done after ${waitTimeoutMs / 1000} s. It goes on; ask for its result by the key ${key}.`,
    )
  }
}

export function isWaitTimeoutError(error: unknown): error is WaitTimeoutError {
  return error instanceof Error && error.name === 'WaitTimeoutError'
}

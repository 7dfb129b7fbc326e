import { OpcacheError } from './opcache-error.js'

/** The server could not be reached for as long as the client was willing to try. */
export class ServerUnreachableError extends OpcacheError {
  override readonly name = 'ServerUnreachableError'
  readonly code = 'server-unreachable'

  constructor(
    readonly url: string,
    reason: string,
    cause?: unknown,
  ) {
    super(
      `The server at ${url} cannot be reached (${reason}). Check that it runs and that the address is right; the same call goes on where it stopped.`,
      cause,
    )
  }
}

export function isServerUnreachableError(error: unknown): error is ServerUnreachableError {
  return error instanceof Error && error.name === 'ServerUnreachableError'
}

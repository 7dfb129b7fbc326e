import { OpcacheError } from './opcache-error.js'

/** The server could not be reached for as long as the client was willing to try. */
export class ServerUnreachableError extends OpcacheError {
  override readonly name = 'ServerUnreachableError'
  readonly code = 'server-unreachable'

  constructor(
    readonly url: string,
    reason: string,
    cause?: unknown,
    /** What to do, a sentence. */
    advice = 'Check that it runs and that the address is right; the same again goes on where it stopped.',
  ) {
    super(`The server at ${url} cannot be reached (${reason}). ${advice}`, cause)
  }
}

export function isServerUnreachableError(error: unknown): error is ServerUnreachableError {
  return error instanceof Error && error.name === 'ServerUnreachableError'
}

import { OpcacheError } from './opcache-error.js'

export type SourceErrorCode =
  | 'source-not-found'
  | 'source-is-directory'
  | 'source-unreadable'
  | 'source-unsupported'
  | 'spool-full'

/** The source cannot be read. */
export class SourceError extends OpcacheError {
  override readonly name = 'SourceError'

  constructor(
    readonly code: SourceErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause)
  }
}

export function isSourceError(error: unknown): error is SourceError {
  return error instanceof Error && error.name === 'SourceError'
}

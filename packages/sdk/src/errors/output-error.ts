import { OpcacheError } from './opcache-error.js'

export type OutputErrorCode = 'output-exists' | 'output-not-writable' | 'output-full'

/** The result cannot be written to where it was asked for. */
export class OutputError extends OpcacheError {
  override readonly name = 'OutputError'

  constructor(
    readonly code: OutputErrorCode,
    message: string,
    cause?: unknown,
  ) {
    super(message, cause)
  }
}

export function isOutputError(error: unknown): error is OutputError {
  return error instanceof Error && error.name === 'OutputError'
}

import { OpcacheError } from './opcache-error.js'

/**
 * An operation that was run again wrote other bytes than the run whose output was followed, or the result is another one:
 * what was handed out is the beginning of nothing.
 */
export class OutputDivergedError extends OpcacheError {
  override readonly name = 'OutputDivergedError'
  readonly code = 'output-diverged'

  constructor(
    /** The entry whose output was followed. */
    readonly key: string,
    /** Bytes that were handed out. */
    readonly handedBytes: number,
  ) {
    super(
      `The ${handedBytes} bytes that were handed out are not those of the result: the operation was run again, and gave ` +
        'other bytes, or they were damaged on the way. Throw them away and run the call again.',
    )
  }
}

export function isOutputDivergedError(error: unknown): error is OutputDivergedError {
  return error instanceof Error && error.name === 'OutputDivergedError'
}

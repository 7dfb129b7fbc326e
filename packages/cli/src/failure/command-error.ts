import type { CommandErrorCode } from './exit-status.js'

/** An error that the command line raises itself, as the two lines that people read. */
export class CommandError extends Error {
  override readonly name = 'CommandError'

  constructor(
    readonly code: CommandErrorCode,
    /** What happened and why. */
    message: string,
    /** What to do next. */
    readonly advice: string,
    cause?: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause })
  }
}

/** Wrong usage: nothing was done. */
export function usageError(message: string, advice: string): CommandError {
  return new CommandError('usage', message, advice)
}

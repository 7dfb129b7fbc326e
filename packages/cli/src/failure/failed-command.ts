import type { Failure } from './failure.js'

/** A failure that is described already, where more was known about it than its error tells. */
export class FailedCommand extends Error {
  override readonly name = 'FailedCommand'

  constructor(
    readonly failure: Failure,
    cause: unknown,
  ) {
    super(failure.message, { cause })
  }
}

/**
 * An attempt ended for a reason that says nothing of its input: its process crashed, or somebody killed it. Another
 * attempt is made on its own.
 */
export class AttemptLostError extends Error {
  override readonly name = 'AttemptLostError'
}

/** Whether an error is an {@link AttemptLostError}, also one from another copy of this package. */
export function isAttemptLost(error: unknown): error is Error {
  return error instanceof Error && error.name === 'AttemptLostError'
}

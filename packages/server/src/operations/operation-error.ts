/**
 * A failure of an operation that the same input and the same parameters would meet again: unreadable input, a page that
 * does not exist, a target that cannot be made. It is remembered for a while and answered without running again.
 */
export class OperationError extends Error {
  override readonly name = 'OperationError'
}

/** Whether an error is an {@link OperationError}, also one from another copy of this package. */
export function isOperationError(error: unknown): error is OperationError {
  return error instanceof Error && error.name === 'OperationError'
}

import { OpcacheError } from './opcache-error.js'

/** The operation ran and failed. */
export class OperationFailedError extends OpcacheError {
  override readonly name = 'OperationFailedError'
  readonly code = 'operation-failed'

  constructor(
    /** Key of the entry. */
    readonly key: string,
    /** What the operation said. */
    readonly detail: string,
    /** Whether the same input and parameters would fail again. If not, the next call runs the operation again. */
    readonly deterministic: boolean,
  ) {
    super(detail)
  }
}

export function isOperationFailedError(error: unknown): error is OperationFailedError {
  return error instanceof Error && error.name === 'OperationFailedError'
}

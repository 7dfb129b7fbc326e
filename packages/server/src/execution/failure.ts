import { type Problem, ProtocolError } from '@opcache/protocol'
import { isOperationError } from '../operations/operation-error.js'

/** What an attempt's failure tells its waiters: only an `OperationError` would happen again. */
export function describeFailure(error: unknown): Problem {
  const message = error instanceof Error ? error.message : `it threw ${String(error)}`
  return new ProtocolError('operation-failed', message || 'The operation failed without saying why.', {
    members: { deterministic: isOperationError(error) },
  }).toProblem()
}

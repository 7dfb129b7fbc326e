import { isProtocolError, type Problem, ProtocolError } from '@opcache/protocol'
import { isOperationError } from '../operations/operation-error.js'
import { thrownMessage } from './thrown-message.js'

/**
 * What an attempt's failure tells its waiters: only an `OperationError` would happen again. A store without room for
 * the result is no fault of the operation, and keeps its own code.
 */
export function describeFailure(error: unknown): Problem {
  if (isProtocolError(error) && error.code === 'storage-full') {
    return { ...error.toProblem(), deterministic: false }
  }
  return new ProtocolError('operation-failed', thrownMessage(error) || 'It failed without saying why.', {
    members: { deterministic: isOperationError(error) },
  }).toProblem()
}

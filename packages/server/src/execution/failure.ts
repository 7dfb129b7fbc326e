import { type Problem, ProtocolError } from '@opcache/protocol'
import { isOperationError } from '../operations/operation-error.js'
import { thrownMessage } from './thrown-message.js'

/** What an attempt's failure tells its waiters: only an `OperationError` would happen again. */
export function describeFailure(error: unknown): Problem {
  return new ProtocolError('operation-failed', thrownMessage(error) || 'It failed without saying why.', {
    members: { deterministic: isOperationError(error) },
  }).toProblem()
}

export {
  defineOperation,
  type InlineOperation,
  type IsolatedOperation,
  type Operation,
  type OperationContext,
  type OperationDeclaration,
  type OperationInput,
  type OperationOutcome,
  type OperationProgress,
  type RunOperation,
} from './operations/operation.js'
export { isOperationError, OperationError } from './operations/operation-error.js'

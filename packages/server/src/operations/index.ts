/** What a module with operations needs; importing it loads nothing of the server. */
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
} from './operation.js'
export { isOperationError, OperationError } from './operation-error.js'

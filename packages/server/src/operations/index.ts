/** What a module with operations needs; importing it loads nothing of the server. */
export { type CommandDeclaration, commandOperation } from './command-operation.js'
export {
  type ApartOperation,
  type CommandOperation,
  type CommandOutput,
  type CommandPart,
  defineOperation,
  type InlineOperation,
  type IsolatedOperation,
  type Operation,
  type OperationContext,
  type OperationDeclaration,
  type OperationInput,
  type OperationLimits,
  type OperationOutcome,
  type OperationProgress,
  type RunOperation,
} from './operation.js'
export { isOperationError, OperationError } from './operation-error.js'

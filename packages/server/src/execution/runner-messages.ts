import type { Params } from '@opcache/protocol'
import type { OperationOutcome, OperationProgress } from '../operations/operation.js'

/** The one message to a runner: what to run on what. */
export interface ToRunner {
  /** Path of the module whose default export is the operation's `run`. */
  readonly module: string
  /** File with the source. */
  readonly path: string
  readonly params: Params
}

/** What a runner tells. */
export type FromRunner =
  | { readonly kind: 'progress'; readonly progress: OperationProgress }
  | { readonly kind: 'done'; readonly outcome: OperationOutcome }
  | { readonly kind: 'failed'; readonly message: string; readonly isDeterministic: boolean }

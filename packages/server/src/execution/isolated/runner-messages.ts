import type { Params } from '@opcache/protocol'
import type { CommandOperation, OperationOutcome, OperationProgress } from '../../operations/operation.js'
import type { AttemptBounds } from './attempt-bounds.js'

/** What a runner is to run. */
export type RunnerTask =
  /** A module, and the name of the operation in it where it has several. */
  | { readonly kind: 'module'; readonly module: string; readonly operation: string }
  | ({ readonly kind: 'command' } & Pick<CommandOperation, 'command' | 'output' | 'streaming'>)

/** Where the source is: in a file, or coming through a pipe, of Infinity bytes where nobody knows how many. */
export type RunnerInput =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'pipe'; readonly size: number }

/** The one message to a runner: what to run on what. */
export interface ToRunner {
  readonly task: RunnerTask
  readonly input: RunnerInput
  /** Folder of the attempt's own. */
  readonly folder: string
  readonly params: Params
  readonly bounds: AttemptBounds
}

/** What a runner tells. */
export type FromRunner =
  | { readonly kind: 'progress'; readonly progress: OperationProgress }
  /** The attempt may take no longer than this from its start. */
  | { readonly kind: 'time'; readonly timeoutMs: number }
  | { readonly kind: 'done'; readonly outcome: OperationOutcome }
  | { readonly kind: 'failed'; readonly message: string; readonly because: FailureCause }

/** Whether the same input would fail again, the attempt was lost, or nobody knows. */
export type FailureCause = 'input' | 'lost' | 'unknown'

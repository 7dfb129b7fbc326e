import type { Readable, Writable } from 'node:stream'
import type { Static, TSchema } from 'typebox'

/** The source of an attempt, complete and verified before `run` is called (streaming operations apart). */
export interface OperationInput {
  /** Bytes. */
  readonly size: number
  /** The bytes from the start; each call opens a stream of its own. */
  stream(): Readable
  /** A file that holds the bytes. It belongs to the server's store: read it, never write it. */
  path(): Promise<string>
}

/** What an attempt may tell while it runs; the last words win, and some may be skipped. */
export interface OperationProgress {
  /** How much is done, 0 to 1. */
  fraction?: number
  /** A short sentence for people. */
  message?: string
}

/** What a run is given. */
export interface OperationContext<Params> {
  readonly input: OperationInput
  /** The result's bytes go here; the server ends it when `run` has returned. */
  readonly output: Writable
  /** The parameters, checked against the operation's schema, its defaults filled in. */
  readonly params: Params
  /** Reports progress. */
  progress(progress: OperationProgress): void
  /** Aborted when the attempt is cancelled or the server stops: stop work and throw. */
  readonly signal: AbortSignal
}

/** What a run says of the bytes it wrote. */
export interface OperationOutcome {
  /** Media type. @default 'application/octet-stream' */
  type?: string
  /** A file name whose extension fits the bytes, e.g. `result.png`. @default 'result' */
  name?: string
}

/**
 * Does the work: reads `input`, writes `output`, returns what it wrote.
 *
 * @throws OperationError for a failure that the same input and parameters would meet again. Whatever else is thrown
 * counts as an accident, and the next open runs the operation again.
 */
export type RunOperation<Params = unknown> = (context: OperationContext<Params>) => Promise<OperationOutcome>

/** What everybody may know of an operation; published in the capabilities. */
export interface OperationDeclaration<Params extends TSchema = TSchema> {
  /** Lower-case words joined by `-` or `.`. */
  readonly name: string
  /** Grows when the same input and parameters may give other bytes: results of another version are misses. */
  readonly version: string
  /** One sentence for people. */
  readonly summary: string
  /** JSON Schema of the parameters: an object that refuses additional properties. */
  readonly params: Params
  /** Whether it can read its input while that is still arriving and write output before its end. */
  readonly streaming: boolean
}

/** Runs inside the server's process: for work that never blocks its event loop. */
export interface InlineOperation<Params extends TSchema = TSchema> extends OperationDeclaration<Params> {
  readonly run: RunOperation<Static<Params>>
}

/** Runs in a process of its own, so that nothing it does can harm the server. */
export interface IsolatedOperation<Params extends TSchema = TSchema> extends OperationDeclaration<Params> {
  /** Path of a module whose default export is the `RunOperation`. */
  readonly module: string
}

/** A unit of work that a server offers under a name. */
export type Operation = InlineOperation | IsolatedOperation

/** Declares an operation; it only ties the type of `run` to that of `params`. */
export function defineOperation<Params extends TSchema>(
  operation: InlineOperation<Params> | IsolatedOperation<Params>,
): Operation {
  return operation as Operation
}

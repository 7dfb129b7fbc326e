import type { Readable, Writable } from 'node:stream'
import type { Static, TSchema } from 'typebox'

/**
 * The source of an attempt: complete and verified before `run` is called; that of a streaming operation may still be
 * coming, each block verified before it is given.
 */
export interface OperationInput {
  /** Bytes; Infinity while nobody knows how many will come. */
  readonly size: number
  /** The bytes from the start. Each call opens a stream of its own; streaming operations read it once. */
  stream(): Readable
  /**
   * A file that holds the bytes, once all of them are there. It belongs to the server's store: read it, never write it.
   */
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
  /** Adds a line to the attempt's log. The end of it, 16 KiB, stays with the entry and is shown to its user. */
  log(line: string): void
  /** An empty folder of the attempt's own; it is removed when the attempt is over. */
  folder(): Promise<string>
  /**
   * Bounds the attempt's time further, in milliseconds from its start, once it is known what the source is: whoever
   * takes longer is stopped, and has failed for good. What `limits` and the server allow is never exceeded.
   */
  limitTime(timeoutMs: number): void
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

/** What an attempt may take; whoever goes beyond is stopped, and the attempt has failed. */
export interface OperationLimits {
  /** Longest run in milliseconds. @default the server's `attemptTimeoutMs` */
  readonly timeoutMs?: number
  /** Largest result in bytes. @default the server's `maxResultBytes` */
  readonly outputBytes?: number
  /**
   * Memory in bytes: of an isolated attempt's heap, of each tool, and of all processes of an attempt together. Nothing
   * bounds what runs inside the server's process.
   *
   * @default 2 GiB
   */
  readonly memoryBytes?: number
  /** Processes at a time that an isolated attempt may have beside its own. @default 64 */
  readonly processes?: number
}

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
  /** Command-line tools that some of its work needs. Which of them are not installed is published. @default [] */
  readonly tools?: readonly string[]
  readonly limits?: OperationLimits
}

/** Runs inside the server's process: for work that never blocks its event loop. */
export interface InlineOperation<Params extends TSchema = TSchema> extends OperationDeclaration<Params> {
  readonly run: RunOperation<Static<Params>>
}

/** Runs in a process of its own, so that nothing it does can harm the server. */
export interface IsolatedOperation<Params extends TSchema = TSchema> extends OperationDeclaration<Params> {
  /**
   * Path, or `file:` URL, of a module whose default export is the `RunOperation`, or an object whose `operations` has one of this name
   * with a `run`, as configuration files have.
   */
  readonly module: string
}

/**
 * Runs a command-line tool in a process of its own. A text of `command` is one argument, in which `{input}`, `{output}`,
 * `{folder}` and the names of parameters in braces are filled in; a list in it is left out whole when a parameter that
 * it names was not given. Made by `commandOperation`.
 */
export interface CommandOperation<Params extends TSchema = TSchema> extends OperationDeclaration<Params> {
  readonly command: readonly CommandPart[]
  readonly output: CommandOutput
}

/** One argument, or several that belong together. */
export type CommandPart = string | readonly string[]

/** What a command writes, and where. */
export interface CommandOutput extends OperationOutcome {
  /**
   * Name that the tool gives its output inside of `{folder}`, for tools that take no path for it. Without it the result
   * is at `{output}`, or what comes on stdout where the command has no `{output}`.
   */
  readonly file?: string
}

/** An operation that runs apart from the server. */
export type ApartOperation = IsolatedOperation | CommandOperation

/** A unit of work that a server offers under a name. */
export type Operation = InlineOperation | ApartOperation

/** Declares an operation; it only ties the type of `run` to that of `params`. */
export function defineOperation<Params extends TSchema>(
  operation: InlineOperation<Params> | IsolatedOperation<Params>,
): Operation {
  return operation as Operation
}

/** Whether an operation runs in processes of its own. */
export function isApart(operation: Operation): operation is ApartOperation {
  return 'module' in operation || 'command' in operation
}

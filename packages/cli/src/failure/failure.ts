/** A failure as it is told to people and to programs. */
export interface Failure {
  /** Stable. */
  readonly code: string
  /** What happened and why. */
  readonly message: string
  /** What to do next. */
  readonly advice: string
  readonly exitStatus: number
  /** The entry that it is about, where it is known. */
  readonly key?: string | undefined
  /** Names the request in the server's logs. */
  readonly requestId?: string | undefined
}

/** What is known about the work that failed. */
export interface FailureContext {
  /** The source, as it was typed. */
  readonly source?: string | undefined
  /** The operation that was asked for. */
  readonly operation?: string | undefined
  /** Which of several operations, each on the result before it, was the one that failed. */
  readonly step?: { readonly number: number; readonly count: number } | undefined
  /** Path that the result was to go to. */
  readonly output?: string | undefined
  /** The entry, where it is known. */
  readonly key?: string | undefined
  /** Whether the result is kept in the cache by now. */
  readonly isResultCached?: boolean | undefined
  /** Bytes of a result that were written to standard output before all of it was known to be good. */
  readonly writtenBytes?: number | undefined
  /** Whether the operation is under way on the server, or waits for its turn there. */
  readonly isProcessing?: boolean | undefined
  /** Whether the entry was deleted, because the user wanted that when stopping. */
  readonly isCancelled?: boolean | undefined
  /** Whether the server ran in this process, and has stopped with it. */
  readonly isEmbedded?: boolean | undefined
  /** What was typed of the server and the token, which another command about the entry has to say again. */
  readonly serverFlags?: readonly string[] | undefined
  /** What was typed of the output, for a command that fetches the result. */
  readonly outputFlags?: readonly string[] | undefined
  /** The command that goes on with what was stopped. @default this one again */
  readonly resumeCommand?: string | undefined
  /** Whether this command, run again, would begin something new: then the entry's key alone leads back to it. */
  readonly isUnrepeatable?: boolean | undefined
  /** "Did you mean ...?" */
  readonly suggestion?: string | undefined
}

import type { EntryKey, ResultDocument } from '@opcache/protocol'
import type { ProgressListener } from './progress.js'

/** How a client reaches its server. */
export interface OpcacheOptions {
  /** `http://`, `https://` or `unix:/path/to.sock`. */
  server: string
  /** Bearer token, or a function that gives one; it is asked again after a 401. */
  token?: string | (() => string | Promise<string>) | undefined
  /** How long to go on trying while the server is out of reach, counted from the last progress. 0: never retry. @default 600_000 */
  reconnectTimeoutMs?: number | undefined
  /**
   * Parts sent in parallel: a number, or bounds between which it follows what server and line bear.
   *
   * @default { min: 1, max: 16 }
   */
  concurrency?: number | { min: number; max: number } | undefined
  /** Bytes a second that all bodies of this client together may take, both ways. @default unlimited */
  limitRate?: number | undefined
  /** After so many milliseconds in which nothing moves a connection counts as dead. A slow one is never cut. @default 30_000 */
  idleTimeoutMs?: number | undefined
  /**
   * Folder in which the identities of files of 64 MiB or more are kept, so that one that is unchanged since it was hashed
   * (device, inode, size, time of modification and of change) is not hashed again. It is made where it is missing; any
   * number of processes may share it. @default none is kept
   */
  identityFolder?: string | undefined
}

/** What every stage of a call takes. */
export interface CallOptions {
  /**
   * Cancels the call: it rejects with the signal's reason and leaves nothing behind, but for the part file of a large
   * result, with which the next download to the same path goes on.
   */
  signal?: AbortSignal | undefined
  /** Is told what the call is doing. */
  onProgress?: ProgressListener | undefined
}

/** How a server is asked what it can do. */
export interface ContactOptions extends CallOptions {
  /**
   * Whether a server that is out of reach is waited for. Who has just typed its address wants to know at once that it is
   * wrong. @default true
   */
  isPatient?: boolean | undefined
}

/** A name without parameters, or a name with parameters. */
export type OperationCall = string | { name: string; params?: Record<string, unknown> | undefined }

/** What decides under which key a result is found, and who may find it. */
export interface EntryOptions {
  /** Keeps a separate set of entries. */
  salt?: string | undefined
  /** Confines source and result to the private space of this user, who must be the caller. */
  user?: string | undefined
  /**
   * Names the source instead of its bytes: a hit does not even read it. Change `version` whenever the bytes change.
   * Confined to the private space of the caller, since nobody can check the claim.
   */
  resource?: { name: string; version: string } | undefined
  /** Shares nothing: a random key in the private space. @default false */
  unshared?: boolean | undefined
}

/** How an entry is opened. */
export interface OpenOptions extends CallOptions, EntryOptions {
  /** Runs the operation again even when a result is cached. @default false */
  refresh?: boolean | undefined
  /** Never has anything made: a miss is a `NotCachedError`. @default false */
  onlyIfCached?: boolean | undefined
}

/** How long to wait for an operation. */
export interface WaitOptions extends CallOptions {
  /** After so many milliseconds without an end a `WaitTimeoutError` is thrown; the operation goes on. @default unlimited */
  waitTimeoutMs?: number | undefined
}

/** How a file is written. */
export interface FileOptions extends CallOptions {
  /** Replaces a file that is there. @default false */
  force?: boolean | undefined
}

export interface RunOptions extends OpenOptions, WaitOptions, FileOptions {
  /**
   * Uploads the source while it is read, for sources of unknown length that are too large to be kept: no more than 16 MiB
   * of it are held. The result is found by its content from then on, but to see whether it is there already the source
   * would have to be read first: only a `resource` is looked for. @default false
   */
  stream?: boolean | undefined
  /**
   * Path to write the result to. It appears whole or not at all, and a file that is there is refused unless `force`.
   * A function is told what the result is and names the path then; without one, the result is left to be fetched.
   */
  output?:
    | string
    | ((result: ResultDocument, key: EntryKey) => string | undefined | Promise<string | undefined>)
    | undefined
  /**
   * Leaves the result at the server, from where it can be fetched later: none of its bytes come with the answer. For a
   * result that is only the source of the next operation. @default false
   */
  leaveResult?: boolean | undefined
}

/** A run whose output is read while the source is still being sent. */
export interface FollowOptions extends OpenOptions, WaitOptions {}

/** Which of the caller's entries to list. */
export interface ListOptions {
  state?: 'UPLOADING' | 'PROCESSING' | 'COMPLETE' | 'FAILED' | undefined
  signal?: AbortSignal | undefined
}

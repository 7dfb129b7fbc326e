import type { Served } from '@opcache/protocol'

/** Smoothed over the last seconds; missing while too little is known. */
export interface Estimate {
  bytesPerSecond?: number
  /** Until all bytes are there, in milliseconds. */
  remainingMs?: number
}

/** What a call is doing; sizes are bytes. */
export type ProgressEvent =
  /** Reading the source. `totalBytes` is missing for streams. */
  | { phase: 'hashing'; bytes: number; totalBytes?: number }
  /** Asking the server whether the result is there; from now on it can be found under `key`. */
  | { phase: 'asking'; key: string }
  /**
   * Sending what the server does not have. `sentBytes` were sent by this call and acknowledged, `skippedBytes` were there
   * already or came from others; both only grow, to `totalBytes` together, which is
   * missing for streams.
   */
  | ({ phase: 'uploading'; sentBytes: number; totalBytes?: number; skippedBytes: number } & Estimate)
  /** The server is out of reach or too busy: the `attempt`th retry comes in `retryInMs` milliseconds; told every second. */
  | { phase: 'waiting-for-connection'; attempt: number; retryInMs: number }
  /** The operation waits for its turn or runs. `fraction` is 0 to 1. */
  | { phase: 'processing'; fraction?: number; message?: string }
  /** Fetching the result; `bytes` are verified. */
  | ({ phase: 'downloading'; bytes: number; totalBytes: number } & Estimate)
  /** All is done. */
  | { phase: 'done'; served: Served }

/** Is told what a call is doing. What it throws is thrown by the call. */
export type ProgressListener = (event: ProgressEvent) => void

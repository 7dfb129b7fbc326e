import type { BlobStore } from './blob-store.js'
import type { BlocksInFlight } from './blocks-in-flight.js'
import type { ContentStore } from './content-store.js'
import type { EntryStore } from './entry-store.js'
import type { Ledger } from './ledger.js'
import type { Notifier } from './notifier.js'
import type { OperationQueue } from './operation-queue.js'
import type { StreamStore } from './stream-store.js'

/** One driver of each port, working together. */
export interface Drivers {
  readonly entries: EntryStore
  readonly contents: ContentStore
  readonly streams: StreamStore
  readonly blobs: BlobStore
  readonly ledger: Ledger
  readonly queue: OperationQueue
  readonly notifier: Notifier
  readonly inFlight: BlocksInFlight
  /** A folder for short-lived files of this process, removed by `close`. */
  readonly scratchFolder: string
  /** Whether other processes may have the store open. */
  isShared(): boolean
  /** Releases everything that the drivers hold; the data stays. */
  close(): Promise<void>
}

/** Milliseconds since 1970; tests turn it by hand. */
export type Clock = () => number

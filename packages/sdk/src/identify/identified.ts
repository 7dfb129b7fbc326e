import type { ContentIdentity } from '@opcache/protocol'
import type { StoredSource } from '../source/stored-source.js'

/** A source whose content is known, ready to be asked for and uploaded. Close it when it is no longer needed. */
export interface Identified extends ContentIdentity, AsyncDisposable {
  /** Where the bytes are. */
  readonly source: StoredSource
  /** Releases what was spooled. */
  close(): Promise<void>
}

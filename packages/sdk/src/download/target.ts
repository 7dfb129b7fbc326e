import type { EntryKey, ResultDocument } from '@opcache/protocol'

/** A result to be downloaded. */
export interface DownloadTarget {
  readonly key: EntryKey
  readonly result: ResultDocument
  readonly isPrivate: boolean
}

import type { EntryKey } from '@opcache/protocol'

/** What a server tells its observer, as it happens. */
export type ServerEvent =
  /** An operation begins to run. */
  | {
      readonly kind: 'attempt-started'
      readonly key: EntryKey
      readonly operation: string
      readonly attempt: number
    }
  /** An operation has run, to whatever end. */
  | {
      readonly kind: 'attempt-ended'
      readonly key: EntryKey
      readonly operation: string
      readonly attempt: number
      readonly state: 'COMPLETE' | 'FAILED' | 'STOPPED'
    }

import type { ContentId, EntryKey, Served, StreamId } from '@opcache/protocol'

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
      readonly state: 'COMPLETE' | 'FAILED' | 'STOPPED' | 'LOST'
    }
  /** A partial content or an open stream was compared with its digests after an unclean stop. */
  | {
      readonly kind: 'content-verified'
      readonly id: ContentId | StreamId
      /** Blocks that were read. */
      readonly blocks: number
      /** Those of them that are missing now. */
      readonly lostBlocks: number
    }
  /** An open was answered. */
  | {
      readonly kind: 'entry-opened'
      readonly key: EntryKey
      readonly operation: string
      readonly served: Served
      /** Bytes of the source of a hit: the operation need not read them again. */
      readonly savedBytes: number
    }
  /** A request came to its end. */
  | {
      readonly kind: 'request-ended'
      readonly method: string
      /** The path with the names of its parameters; undefined where there is none. */
      readonly route: string | undefined
      readonly status: number
      readonly durationMs: number
    }

import type {
  ContentId,
  Descriptor,
  EntryKey,
  Problem,
  ProgressDocument,
  ResultDocument,
  StreamId,
} from '@opcache/protocol'
import type { SpaceId } from './space.js'

/** Where an entry stands, with the data that only this state has. */
export type EntryPhase =
  /** Waits for its source to be complete. */
  | {
      readonly state: 'UPLOADING'
      /** A refresh: the earlier result serves until the new one is there. */
      readonly previous?: ResultDocument
      /** The current attempt runs already, on what is there of the source. */
      readonly isLive?: boolean
      /** How many such attempts were lost. */
      readonly lostWorkers?: number
    }
  /** An attempt is queued or runs. */
  | {
      readonly state: 'PROCESSING'
      readonly progress?: ProgressDocument
      /** How many workers died over this attempt and those it took over. */
      readonly lostWorkers: number
      /** A refresh, as above. */
      readonly previous?: ResultDocument
    }
  | {
      readonly state: 'COMPLETE'
      readonly result: ResultDocument
      /** The last refresh failed; the result is the earlier one. */
      readonly refreshError?: Problem
    }
  | { readonly state: 'FAILED'; readonly error: Problem }

/** The record under a key. Times are milliseconds since 1970. */
export interface EntryRecord {
  readonly space: SpaceId
  readonly key: EntryKey
  readonly namespace: string
  /** The user whose open created it. */
  readonly creator: string
  /** Random; another one after a deletion, so that late workers of the old one are told apart. */
  readonly incarnation: string
  /** 1 at creation, grows by one at every change. */
  readonly revision: number
  /** 0 before the first run. */
  readonly attempt: number
  readonly descriptor: Descriptor
  readonly operationVersion: string
  /** The source, where it is known: from the first attempt that had all of it on, it always is. */
  readonly source?: ContentId
  /** The stream that was given as the source; it became, or is to become, `source`. */
  readonly stream?: StreamId
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number
  readonly phase: EntryPhase
  /** The end of what the last attempt logged. */
  readonly log?: string | undefined
}

/** A page request over one user's entries, the newest first. */
export interface EntryQuery {
  readonly namespace: string
  readonly creator: string
  readonly state?: EntryPhase['state']
  /** Where the last page ended: its `next`. */
  readonly cursor?: string
  readonly limit: number
}

export interface EntryPage {
  readonly entries: EntryRecord[]
  /** Cursor of the next page, where there may be one. */
  readonly next?: string
}

/** Keeps entry records. */
export interface EntryStore {
  /** The record, or undefined. MUST see every change that was acknowledged before, by whatever process. */
  get(space: SpaceId, key: EntryKey): Promise<EntryRecord | undefined>

  /**
   * Writes `record` if the stored revision is `expectedRevision` (0: nothing is stored) and answers whether it did.
   * `record.revision` is `expectedRevision + 1`. MUST be atomic among all callers of all processes. When it resolves
   * with true the record MUST survive the death of the process.
   */
  compareAndSet(record: EntryRecord, expectedRevision: number): Promise<boolean>

  /** Removes the record if its revision is `expectedRevision` and answers whether it did. MUST be atomic. */
  delete(space: SpaceId, key: EntryKey, expectedRevision: number): Promise<boolean>

  /**
   * A page of one user's entries, by creation time, the newest first. Following `next` MUST visit every entry that
   * existed throughout, once. A malformed cursor MUST give an empty page.
   */
  list(query: EntryQuery): Promise<EntryPage>

  /** How many there are. What it costs MUST NOT grow with them. */
  count(): Promise<number>

  /** All records, in any order; those that come or go meanwhile may be among them or not. Memory MUST be bounded. */
  all(): AsyncIterable<EntryRecord>

  /** Up to `limit` records whose `expiresAt` is at or before `time`, the earliest first. */
  expired(time: number, limit: number): Promise<EntryRecord[]>
}

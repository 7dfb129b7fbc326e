import type { BlockRange } from '@opcache/protocol'
import type { Database, RootDatabase } from 'lmdb'
import type { ContentRecord } from '../../../ports/content-store.js'
import type { EntryRecord } from '../../../ports/entry-store.js'
import type { Unfinished } from '../../../ports/ledger.js'
import type { Job } from '../../../ports/operation-queue.js'
import type { StreamRecord } from '../../../ports/stream-store.js'
import type { WorkerIdentity } from '../processes/worker-identity.js'
import type { RecordKey } from './keys.js'

export type Table<V, K extends RecordKey | string | number = RecordKey> = Database<V, K>

/** A job and who has it. */
export interface JobRecord {
  readonly job: Job
  /** Grows with every job that is added. */
  readonly order: number
  /** Preferred for a moment; absent when the job was given back. */
  readonly enqueued?: { readonly by: WorkerIdentity; readonly at: number }
  readonly lease?: { readonly token: string; readonly by: WorkerIdentity; readonly expiresAt: number }
}

/** A wake in the ring. */
export interface WakeRecord {
  readonly sequence: number
  /** Nonce of the worker that published it. */
  readonly from: string
  readonly topic: string
}

/** A process that has the store open. */
export interface ProcessRecord {
  readonly identity: WorkerIdentity
  readonly seenAt: number
}

/** A content as it is kept, with the trust in which its present blocks were last known to have their bytes. */
export interface StoredContent extends Omit<ContentRecord, 'doubt'> {
  readonly trust: number
}

/** A stream as it is kept, likewise. */
export interface StoredStream extends Omit<StreamRecord, 'doubt'> {
  readonly trust: number
}

/** What the store holds, as the records of contents and streams say, and what is reserved. */
export interface HoldingRecord {
  readonly bytes: number
  readonly contents: number
  readonly reservedBytes: number
}

/** How far the bytes that the store has can be relied on. */
export interface TrustRecord {
  /** Grows with every unclean stop. */
  readonly trust: number
  /** The boot of the machine that last opened the store. */
  readonly boot: string
}

/** What the store keeps. Keys are made in `keys.ts`; an index has the value 1 everywhere. */
export interface Tables {
  readonly entries: Table<EntryRecord>
  readonly entriesByExpiry: Table<1>
  readonly entriesByCreator: Table<1>
  readonly contents: Table<StoredContent>
  readonly contentsByExpiry: Table<1>
  readonly manifests: Table<Uint8Array>
  readonly blockMaps: Table<Uint8Array>
  readonly dependents: Table<1>
  readonly streams: Table<StoredStream>
  readonly streamsByExpiry: Table<1>
  readonly streamBlocks: Table<Uint8Array>
  /** The sums of the streams' present blocks, by blob. */
  readonly streamSums: Table<Uint8Array>
  readonly jobs: Table<JobRecord>
  /** The keys of jobs that nobody holds, and of those that somebody does. */
  readonly waitingJobs: Table<RecordKey>
  readonly leasedJobs: Table<RecordKey>
  /** The ring of wakes, by slot. */
  readonly wakes: Table<WakeRecord, number>
  /** What processes receive, as far as others are to know. */
  readonly blocksInFlight: Table<BlockRange>
  /** By nonce. */
  readonly processes: Table<ProcessRecord, string>
  readonly holding: Table<HoldingRecord, 'all'>
  /** By account. */
  readonly unfinished: Table<Unfinished>
  /** Bytes, by blob and nonce of the process. */
  readonly reservations: Table<number>
  readonly counters: Table<number, 'jobs' | 'wakes'>
  /** The current one, and the one whose leftovers were collected. */
  readonly trust: Table<TrustRecord, 'current' | 'collected'>
}

export function openTables(root: RootDatabase): Tables {
  return {
    entries: json(root, 'entries'),
    entriesByExpiry: json(root, 'entries-by-expiry'),
    entriesByCreator: json(root, 'entries-by-creator'),
    contents: json(root, 'contents'),
    contentsByExpiry: json(root, 'contents-by-expiry'),
    manifests: root.openDB('manifests', { encoding: 'binary' }),
    blockMaps: root.openDB('block-maps', { encoding: 'binary' }),
    dependents: json(root, 'dependents'),
    streams: json(root, 'streams'),
    streamsByExpiry: json(root, 'streams-by-expiry'),
    streamBlocks: root.openDB('stream-blocks', { encoding: 'binary' }),
    streamSums: root.openDB('stream-sums', { encoding: 'binary' }),
    jobs: json(root, 'jobs'),
    waitingJobs: json(root, 'waiting-jobs'),
    leasedJobs: json(root, 'leased-jobs'),
    wakes: json(root, 'wakes'),
    blocksInFlight: json(root, 'blocks-in-flight'),
    processes: json(root, 'processes'),
    holding: json(root, 'holding'),
    unfinished: json(root, 'unfinished'),
    reservations: json(root, 'reservations'),
    counters: json(root, 'counters'),
    trust: json(root, 'trust'),
  }
}

/** JSON, since records carry members that users named: other encodings do not give every name back. */
function json<V, K extends RecordKey | string | number>(root: RootDatabase, name: string): Table<V, K> {
  return root.openDB<V, K>(name, { encoding: 'json' })
}

import { createHash } from 'node:crypto'
import type { EntryKey } from '@opcache/protocol'
import type { ContentRef } from '../../../ports/content-store.js'
import type { EntryRecord } from '../../../ports/entry-store.js'
import type { Job } from '../../../ports/operation-queue.js'
import type { SpaceId } from '../../../ports/space.js'
import type { StreamRef } from '../../../ports/stream-store.js'
import type { EntryPosition } from '../../entry-cursor.js'

/** A key of the store: compared part by part, numbers before texts. At most 1978 bytes, without null characters. */
export type RecordKey = (string | number)[]

/** All keys that start with the same parts. */
export interface KeyRange {
  readonly start: RecordKey
  readonly end: RecordKey
}

/** Comes after every number and every text that keys are made of. */
const AFTER_ALL = '\uffff'

export function entryKey(space: SpaceId, key: EntryKey): RecordKey {
  return [nameOf(space), key]
}

export function entryExpiryKey(entry: EntryRecord): RecordKey {
  return [entry.expiresAt, ...entryKey(entry.space, entry.key)]
}

/** Where an entry stands in its user's list, or in that of one state. The newest come first. */
export function entryListKey(entry: EntryRecord, state?: EntryRecord['phase']['state']): RecordKey {
  const [space, key] = entryKey(entry.space, entry.key)
  return [...entryListPrefix(entry.namespace, entry.creator, state), -entry.createdAt, space!, key!]
}

export function entryListPrefix(
  namespace: string,
  creator: string,
  state: EntryRecord['phase']['state'] | undefined,
): RecordKey {
  return [nameOf(JSON.stringify([namespace, creator])), state ?? 'ANY']
}

/** The parts of a list's key that follow its prefix, as a cursor has them. */
export function listPosition(key: RecordKey): EntryPosition {
  const [createdAt, space, entry] = key.slice(-3)
  return [-(createdAt as number), space as string, entry as string]
}

/** Whether a position can be one of this store: a cursor may carry anything. */
export function isListPosition([, space, key]: EntryPosition): boolean {
  return space.length === nameOf('').length && key.length <= 64
}

export function contentKey(ref: ContentRef): RecordKey {
  return [nameOf(ref.space), ref.id]
}

export function contentExpiryKey(ref: ContentRef, expiresAt: number): RecordKey {
  return [expiresAt, ...contentKey(ref)]
}

export function streamKey(ref: StreamRef): RecordKey {
  return [nameOf(ref.space), ref.id]
}

export function streamExpiryKey(ref: StreamRef, expiresAt: number): RecordKey {
  return [expiresAt, ...streamKey(ref)]
}

/** Where it is kept that an entry waits for a content or a stream: their ids are never alike. */
export function dependentKey(ref: ContentRef | StreamRef, key: EntryKey): RecordKey {
  return [nameOf(ref.space), ref.id, key]
}

/** A piece of what is kept of a blob. */
export function pieceKey(blob: string, piece: number): RecordKey {
  return [blob, piece]
}

/** Where a process has marked what it receives of a blob. */
export function markKey(nonce: string, blob: string, mark: number): RecordKey {
  return [nonce, blob, mark]
}

export function jobKey(job: Job): RecordKey {
  return [nameOf(job.space), job.key, job.incarnation, job.attempt]
}

export function accountKey(account: string): RecordKey {
  return [nameOf(account)]
}

/** Where the room is kept that a process has reserved for a blob. */
export function reservationKey(blob: string, nonce: string): RecordKey {
  return [blob, nonce]
}

/** Where a job stands among the jobs of its operation. */
export function jobOrderKey(operation: string, order: number): RecordKey {
  return [operation, order]
}

/** The keys that start with `prefix`. */
export function keysUnder(prefix: RecordKey): KeyRange {
  return { start: prefix, end: [...prefix, AFTER_ALL] }
}

/** The keys of an index by time that are at or before `time`. */
export function keysUntil(time: number): Pick<KeyRange, 'end'> {
  return { end: [time, AFTER_ALL] }
}

/** A short name for a text of any length and any characters; nobody can make two texts with the same name. */
function nameOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

import type { ContentId } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Drivers } from '../../ports/drivers.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { jobOf } from '../entries/start-attempt.js'
import { entryTopic } from '../topics.js'
import { ALL, cacheUsage, presentBytes } from './cache-usage.js'

/** What is to go. */
export interface Eviction {
  /** Contents go, the least recently used first, until those that stay take no more. @default unlimited */
  readonly maxBytes?: number
  /** What expires at or before this time goes: what was last used so long ago. @default nothing */
  readonly expiringUntil?: number
  /** What expires after this time stays: others may rely on it. @default nothing has to stay */
  readonly keepExpiringAfter?: number
  /** Entries go whatever becomes of their results. @default false */
  readonly isClearing?: boolean
}

/** What went. */
export interface Evicted {
  readonly bytes: number
  readonly contents: number
  readonly entries: number
}

/**
 * Forgets contents and entries, the least recently used first: what is kept is kept for equally long after its last use.
 * What an attempt or an upload works on stays, unless everything has to go.
 */
export async function evict(drivers: Drivers, eviction: Eviction): Promise<Evicted> {
  const { expiringUntil = Number.NEGATIVE_INFINITY, keepExpiringAfter = ALL, isClearing = false } = eviction
  const entries = await drivers.entries.expired(ALL, ALL)
  const needed = isClearing && keepExpiringAfter === ALL ? new Set<string>() : neededContents(entries)
  const isKept = (record: ContentRecord) =>
    record.expiresAt > keepExpiringAfter || needed.has(nameOf(record.space, record.id))
  const contents = await evictContents(drivers, { ...eviction, expiringUntil }, isKept)
  const isOver = async (entry: EntryRecord) =>
    (isClearing || entry.expiresAt <= expiringUntil || !(await hasResult(drivers, entry))) &&
    entry.expiresAt <= keepExpiringAfter
  let evicted = 0
  for (const entry of entries) {
    if (!(await isOver(entry)) || !(await evictEntry(drivers, entry))) continue
    evicted += 1
  }
  await evictStreams(drivers, isClearing ? keepExpiringAfter : Math.min(expiringUntil, keepExpiringAfter))
  return { ...contents, entries: evicted }
}

async function evictContents(
  drivers: Drivers,
  { maxBytes = ALL, expiringUntil, isClearing }: Eviction & { readonly expiringUntil: number },
  isKept: (record: ContentRecord) => boolean,
): Promise<Pick<Evicted, 'bytes' | 'contents'>> {
  let remaining = (await cacheUsage(drivers)).bytes
  let contents = 0
  let bytes = 0
  for (const record of await drivers.contents.expired(ALL, ALL)) {
    if (!isClearing && remaining <= maxBytes && record.expiresAt > expiringUntil) break
    // One that was used since it was found stays. The record goes first, as in a sweep.
    if (isKept(record) || !(await drivers.contents.delete(record, record.blob, record.expiresAt))) continue
    await drivers.blobs.delete(record.blob)
    contents += 1
    bytes += presentBytes(record)
    remaining -= presentBytes(record)
  }
  return { contents, bytes }
}

async function evictEntry({ entries, queue, notifier }: Drivers, entry: EntryRecord): Promise<boolean> {
  if (!(await entries.delete(entry.space, entry.key, entry.revision))) return false
  if (entry.phase.state === 'PROCESSING') await queue.cancel(jobOf(entry))
  notifier.publish(entryTopic(entry.space, entry.key))
  return true
}

async function evictStreams({ streams, blobs }: Drivers, until: number): Promise<void> {
  for (const found of await streams.expired(until, ALL)) {
    if (found.phase.state === 'SEALING') continue
    const record = await streams.delete(found, found.blob, found.expiresAt)
    if (record?.phase.state === 'OPEN') await blobs.delete(record.blob)
  }
}

/** Sources of what is not done. */
function neededContents(entries: readonly EntryRecord[]): ReadonlySet<string> {
  const unfinished = entries.filter(({ phase: { state } }) => state === 'UPLOADING' || state === 'PROCESSING')
  return new Set(
    unfinished.map(({ space, source, descriptor }) => nameOf(space, source ?? descriptor.content ?? '')),
  )
}

/** Whether an entry can still serve what it promises. */
async function hasResult({ contents }: Drivers, { space, phase }: EntryRecord): Promise<boolean> {
  if (phase.state !== 'COMPLETE') return true
  return (await contents.get({ space, id: phase.result.id as ContentId }))?.missingBlocks === 0
}

function nameOf(space: string, id: string): string {
  return `${space}\n${id}`
}

import type { ContentId } from '@opcache/protocol'
import type { Drivers } from '../../ports/drivers.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import { isUnderWay } from '../entries/is-under-way.js'
import { jobOf } from '../entries/start-attempt.js'
import { entryTopic } from '../topics.js'
import { type EvictionContext, evictWhile } from './lru.js'

/** What is to go. */
export interface Eviction extends EvictionContext {
  readonly drivers: Drivers
  /** Contents go, the least recently used first, until those that stay take no more. @default unlimited */
  readonly maxBytes?: number
  /** What expires at or before this time goes: what was last used so long ago. @default nothing */
  readonly expiringUntil?: number
}

/** What went. */
export interface Evicted {
  readonly bytes: number
  readonly contents: number
  readonly entries: number
}

/** Forgets contents and streams as it is told to, and the entries whose results went. */
export async function evict(eviction: Eviction): Promise<Evicted> {
  const { drivers, maxBytes = Number.POSITIVE_INFINITY, isClearing = false } = eviction
  const { expiringUntil = isClearing ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY } = eviction
  const { storedBytes } = await drivers.ledger.usage()
  const contents = await evictWhile(
    eviction,
    (freedBytes, { expiresAt }) => storedBytes - freedBytes > maxBytes || expiresAt <= expiringUntil,
  )
  let entries = 0
  for await (const entry of drivers.entries.all()) {
    const isOver = entry.expiresAt <= expiringUntil && (eviction.isAlone || !isUnderWay(entry))
    if (!isOver && (await hasResult(drivers, entry))) continue
    if (await evictEntry(drivers, entry)) entries += 1
  }
  return { ...contents, entries }
}

async function evictEntry({ entries, queue, notifier }: Drivers, entry: EntryRecord): Promise<boolean> {
  if (!(await entries.delete(entry.space, entry.key, entry.revision))) return false
  if (isUnderWay(entry)) await queue.cancel(jobOf(entry))
  notifier.publish(entryTopic(entry.space, entry.key))
  return true
}

/** Whether an entry can still serve what it promises. */
async function hasResult({ contents }: Drivers, { space, phase }: EntryRecord): Promise<boolean> {
  if (phase.state !== 'COMPLETE') return true
  return (await contents.get({ space, id: phase.result.id as ContentId }))?.missingBlocks === 0
}

import { join, resolve } from 'node:path'
import { loadBlake3 } from '@opcache/protocol'
import { openEmbeddedDrivers } from './drivers/embedded/open-embedded-drivers.js'
import { openQuarantine } from './drivers/embedded/quarantine.js'
import { DEFAULT_LIMITS } from './engine/limits.js'
import { type CacheUsage, cacheUsage } from './engine/upkeep/cache-usage.js'
import { type Evicted, evict } from './engine/upkeep/evict.js'
import { type Verified, verifyStore } from './engine/upkeep/verify-store.js'
import type { Drivers } from './ports/drivers.js'

/** What of a cache is to go. */
export interface PruneOptions {
  /** What stays takes no more bytes than this; the least recently used goes first. @default unlimited */
  maxBytes?: number
  /** What was last used longer ago than so many milliseconds goes. @default nothing */
  unusedForMs?: number
}

/** The folder of an embedded cache, opened to look after it. Servers may work with it meanwhile. */
export interface Cache extends AsyncDisposable {
  usage(): Promise<CacheUsage>
  /**
   * Forgets contents, and entries whose results are gone. What attempts work on stays; while other processes have the
   * cache open, so does what is being read or written, and results that somebody was told of a minute ago.
   */
  prune(options: PruneOptions): Promise<Evicted>
  /**
   * Reads every stored byte and compares it with the id that it is stored under. Damaged blocks are put into the folder
   * `quarantine`, where they stay for 30 days, and count no longer.
   */
  verify(options?: { signal?: AbortSignal }): Promise<Verified>
  /** Forgets everything, but for what other processes have in use. */
  clear(): Promise<Evicted>
  close(): Promise<void>
}

/**
 * Opens the folder of a cache, by drivers of its own or by those that it is given, which are closed with it.
 *
 * @throws Error when it is not one, or not usable.
 */
export async function openCache(
  folder: string,
  openDrivers: (options: { folder: string }) => Promise<Drivers> = openEmbeddedDrivers,
): Promise<Cache> {
  const drivers = await openDrivers({ folder })
  // Everything expires so long after its last use.
  const ttlMs = DEFAULT_LIMITS.contentTtlSeconds * 1000
  const context = () => {
    const now = Date.now()
    return { drivers, now, expiresAt: now + ttlMs, isAlone: !drivers.isShared() }
  }
  return {
    usage: () => cacheUsage(drivers),
    prune: ({ maxBytes, unusedForMs }) =>
      evict({
        ...context(),
        ...(maxBytes !== undefined && { maxBytes }),
        ...(unusedForMs !== undefined && { expiringUntil: Date.now() + ttlMs - unusedForMs }),
      }),
    verify: async ({ signal } = {}) => {
      const quarantine = await openQuarantine(join(resolve(folder), 'quarantine'))
      const closing = signal ?? new AbortController().signal
      return verifyStore({ drivers, blake3: await loadBlake3(), closing, quarantine })
    },
    clear: () => evict({ ...context(), isClearing: true }),
    close: () => drivers.close(),
    [Symbol.asyncDispose]: () => drivers.close(),
  }
}

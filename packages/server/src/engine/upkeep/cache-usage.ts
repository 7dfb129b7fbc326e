import type { Drivers } from '../../ports/drivers.js'

/** What a store keeps. */
export interface CacheUsage {
  /** Bytes of sources, results and streams, as far as they are there. */
  readonly bytes: number
  readonly contents: number
  readonly entries: number
}

/** What the accounts tell: that takes equally long however much there is. */
export async function cacheUsage({
  ledger,
  entries,
}: Pick<Drivers, 'ledger' | 'entries'>): Promise<CacheUsage> {
  const { storedBytes: bytes, contents } = await ledger.usage()
  return { bytes, contents, entries: await entries.count() }
}

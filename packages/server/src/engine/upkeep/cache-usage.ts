import { BLOCK_BYTES } from '@opcache/protocol'
import type { Drivers } from '../../ports/drivers.js'

/** What a store keeps. */
export interface CacheUsage {
  /** Bytes of sources, results and streams, as far as they are there. */
  readonly bytes: number
  readonly contents: number
  readonly entries: number
}

/** Adds up what the records tell. */
export async function cacheUsage({ contents, entries, streams }: Stores): Promise<CacheUsage> {
  const [contentRecords, streamRecords, entryRecords] = await Promise.all([
    contents.expired(ALL, ALL),
    streams.expired(ALL, ALL),
    entries.expired(ALL, ALL),
  ])
  const contentBytes = contentRecords.reduce((sum, record) => sum + presentBytes(record), 0)
  // The bytes of a stream that was published are those of its content.
  const open = streamRecords.filter(({ phase }) => phase.state === 'OPEN')
  const streamBytes = open.reduce((sum, { presentBlocks }) => sum + presentBlocks * BLOCK_BYTES, 0)
  return { bytes: contentBytes + streamBytes, contents: contentRecords.length, entries: entryRecords.length }
}

/** Where things are kept. */
export type Stores = Pick<Drivers, 'contents' | 'entries' | 'streams'>

/** As a time, the end of all; as a limit, no limit. */
export const ALL = Number.MAX_SAFE_INTEGER

/** Bytes of a content that are there; its last block is counted as a whole one while blocks are missing. */
export function presentBytes({ size, missingBlocks }: { size: number; missingBlocks: number }): number {
  return Math.max(0, size - missingBlocks * BLOCK_BYTES)
}

import { ContentHasher, type ContentIdentity, loadBlake3 } from '@opcache/protocol'
import type { ChunkFeed } from './chunk-feed.js'
import { feedChunks } from './feed-chunks.js'
import { MemorySource } from './memory-source.js'
import { Pages } from './pages.js'
import type { StoredSource } from './stored-source.js'
import { TemporaryFile } from './temporary-file.js'

/** What yields chunks is kept in memory up to so many bytes. */
export const SPOOL_MEMORY_BYTES = 64 * 1024 * 1024

export interface SpoolOptions {
  signal: AbortSignal | undefined
  /** Is told the bytes that have come. */
  onBytes(bytes: number): void
  /** @default SPOOL_MEMORY_BYTES */
  memoryBytes?: number
}

/**
 * Reads a feed to its end, hashing it on the way, and keeps the bytes: in memory, or from a size on in a temporary file.
 *
 * @throws SourceError when the feed fails or yields something else than bytes and text; the signal's reason.
 */
export async function spool(
  feed: ChunkFeed,
  options: SpoolOptions,
): Promise<ContentIdentity & { source: StoredSource }> {
  const { signal, onBytes, memoryBytes = SPOOL_MEMORY_BYTES } = options
  const hasher = new ContentHasher(await loadBlake3())
  let held = new Pages()
  let file: TemporaryFile | undefined
  let isDone = false
  try {
    for await (const chunk of feedChunks(feed, signal)) {
      hasher.update(chunk)
      if (!file && hasher.size > memoryBytes) {
        file = await TemporaryFile.create()
        for (const early of held.pieces()) await file.append(early)
        held = new Pages()
      }
      if (file) await file.append(chunk)
      else held.append(chunk)
      onBytes(hasher.size)
    }
    isDone = true
    return { ...hasher.finish(), source: file ?? new MemorySource(held.pieces()) }
  } finally {
    if (!isDone) await file?.dispose()
  }
}

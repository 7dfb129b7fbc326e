import { ContentHasher, type ContentIdentity, loadBlake3 } from '@opcache/protocol'
import type { ChunkFeed } from './chunk-feed.js'
import { feedChunks } from './feed-chunks.js'
import { MemorySource } from './memory-source.js'
import type { StoredSource } from './stored-source.js'
import { TemporaryFile } from './temporary-file.js'

/**
 * What yields chunks is kept in memory up to so many bytes. They are there twice for a moment, when they are put
 * together, and what is given back comes late: a process must stay small whatever is piped into it.
 */
export const SPOOL_MEMORY_BYTES = 16 * 1024 * 1024

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
  const held: Uint8Array[] = []
  let file: TemporaryFile | undefined
  let isDone = false
  try {
    for await (const chunk of feedChunks(feed, signal)) {
      hasher.update(chunk)
      if (!file && hasher.size > memoryBytes) {
        file = await TemporaryFile.create()
        for (const early of held.splice(0)) await file.append(early)
      }
      if (file) await file.append(chunk)
      // A stream may reuse its buffer once the next chunk was asked for.
      else held.push(Uint8Array.from(chunk))
      onBytes(hasher.size)
    }
    isDone = true
    return { ...hasher.finish(), source: file ?? new MemorySource(Buffer.concat(held)) }
  } finally {
    if (!isDone) await file?.dispose()
  }
}

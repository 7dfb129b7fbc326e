import { ContentHasher, type ContentIdentity, loadBlake3 } from '@opcache/protocol'
import { SourceError } from '../errors/source-error.js'
import type { ChunkFeed } from './chunk-feed.js'
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
    for await (const chunk of chunksUntilAborted(feed, signal)) {
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

async function* chunksUntilAborted(
  feed: ChunkFeed,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let isEnded = false
  try {
    for (;;) {
      const { value, done } = await nextUntilAborted(feed, signal)
      if (done) {
        isEnded = true
        return
      }
      yield asBytes(value)
    }
  } finally {
    if (!isEnded) feed.stop()
  }
}

/** The next chunk; a feed that never yields again does not hold up an abort. */
function nextUntilAborted(
  feed: ChunkFeed,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<unknown, unknown>> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason)
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort, { once: true })
    feed
      .next()
      .then(resolve, error => {
        const reason = error instanceof Error ? error.message : String(error)
        reject(new SourceError('source-unreadable', `The source stream failed: ${reason}.`, error))
      })
      .finally(() => signal?.removeEventListener('abort', abort))
  })
}

function asBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === 'string') return Buffer.from(chunk)
  if (chunk instanceof Uint8Array) return chunk
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new SourceError(
    'source-unsupported',
    `The source stream yields ${chunk === null ? 'null' : typeof chunk} values; it must yield bytes or text.`,
  )
}

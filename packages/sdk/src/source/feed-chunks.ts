import { SourceError } from '../errors/source-error.js'
import type { ChunkFeed } from './chunk-feed.js'

/**
 * The bytes that a feed yields, text as UTF-8. Leaving early stops the feed, also while it does not yield.
 *
 * @throws SourceError when the feed fails or yields something else than bytes and text; the signal's reason.
 */
export async function* feedChunks(
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

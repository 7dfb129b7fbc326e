import { feedChunks } from './feed-chunks.js'
import type { LocatedSource } from './locate-source.js'

/**
 * The bytes of a source in order, once. A chunk is valid until the next one is asked for.
 *
 * @throws SourceError, SourceChangedError; the signal's reason.
 */
export async function* readOnce(
  located: LocatedSource,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (located.kind === 'feed') {
    yield* feedChunks(located.feed, signal)
    return
  }
  const { source } = located
  const reader = await source.open()
  try {
    for await (const chunk of reader.chunks(0, source.size)) {
      signal.throwIfAborted()
      yield chunk
    }
    await reader.assertUnchanged()
  } finally {
    await reader.close()
  }
}

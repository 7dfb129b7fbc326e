import { Readable } from 'node:stream'

/** What yields chunks, in one form: ask for the next, or stop for good. */
export interface ChunkFeed {
  next(): Promise<IteratorResult<unknown, unknown>>
  /** Stops it, also while `next` is pending. Never rejects. */
  stop(): void
}

/** The feed of a Node stream, a web stream or an async iterable; undefined for anything else. */
export function chunkFeed(source: unknown): ChunkFeed | undefined {
  if (source instanceof Readable) {
    const iterator = source[Symbol.asyncIterator]()
    return { next: () => iterator.next(), stop: () => void source.destroy() }
  }
  if (source instanceof ReadableStream) {
    const reader = source.getReader()
    return {
      next: async () => (await reader.read()) as IteratorResult<unknown, unknown>,
      stop: () => void reader.cancel().catch(ignore),
    }
  }
  if (typeof source === 'object' && source !== null && Symbol.asyncIterator in source) {
    const iterator = (source as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    return {
      next: () => iterator.next(),
      stop: () => void Promise.resolve(iterator.return?.()).catch(ignore),
    }
  }
  return undefined
}

/** Who stops a feed no longer cares how it ends. */
function ignore(): void {
  return
}

import type { SourceReader } from '../source/stored-source.js'
import type { StreamedBody } from '../transport/exchange.js'

/** The bytes from `start` to `end` as a body that is sent when it is wanted; nothing is worth asking about nothing. */
export function sourceBody(reader: SourceReader, start: number, end: number): Uint8Array | StreamedBody {
  const length = end - start
  return length === 0 ? new Uint8Array() : { length, chunks: () => reader.chunks(start, end) }
}

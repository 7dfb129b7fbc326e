import { SMALL_BODY_BYTES } from '@opcache/protocol'
import type { SourceReader } from '../source/stored-source.js'
import type { StreamedBody } from '../transport/exchange.js'

/** The bytes from `start` to `end` as a body: short ones as they are, longer ones to be sent when they are wanted. */
export async function sourceBody(
  reader: SourceReader,
  start: number,
  end: number,
): Promise<Uint8Array | StreamedBody> {
  const length = end - start
  if (length > SMALL_BODY_BYTES) return { length, chunks: () => reader.chunks(start, end) }
  const bytes = new Uint8Array(length)
  let at = 0
  for await (const chunk of reader.chunks(start, end)) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Writes chunks as fast as they are taken; the output is left open, its owner ends it. */
export async function writeAll(
  output: Writable,
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  await pipeline(Readable.from(chunks, { objectMode: true }), output, { end: false, signal })
}

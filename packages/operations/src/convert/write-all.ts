import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/**
 * Writes chunks as fast as they are taken; the output is left open, its owner ends it. A result that is empty is ended,
 * which tells it from one that was forgotten.
 */
export async function writeAll(
  output: Writable,
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  let isEmpty = true
  const counted = async function* () {
    for await (const chunk of chunks) {
      isEmpty &&= chunk.length === 0
      yield chunk
    }
  }
  await pipeline(Readable.from(counted(), { objectMode: true }), output, { end: false, signal })
  if (isEmpty) output.end()
}

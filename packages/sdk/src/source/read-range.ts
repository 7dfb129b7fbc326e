import type { FileHandle } from 'node:fs/promises'
import { READ_BYTES } from './read-size.js'

/**
 * The bytes of an open file from `start` to `end`. A chunk is valid until the next one is asked for.
 *
 * @throws EndOfFile where the file is shorter; what reading throws.
 */
export async function* readRange(
  handle: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  // One buffer for all: a buffer a chunk would keep the garbage collector busier than the disk.
  const buffer = Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - start))
  for (let at = start; at < end; ) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at)
    if (bytesRead === 0) throw new EndOfFile()
    at += bytesRead
    yield buffer.subarray(0, bytesRead)
  }
}

/** A file ended before the range that was asked of it. */
export class EndOfFile extends Error {
  override readonly name = 'EndOfFile'
}

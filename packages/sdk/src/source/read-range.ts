import type { FileHandle } from 'node:fs/promises'
import { READ_BYTES } from './read-size.js'

/**
 * The bytes of an open file from `start` to `end`; while a chunk is used, the next one is read. A chunk is valid until the
 * next one is asked for.
 *
 * @throws EndOfFile where the file is shorter; what reading throws.
 */
export async function* readRange(
  handle: FileHandle,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (start === end) return
  // Two buffers for all: a buffer a chunk would keep the garbage collector busier than the disk.
  let [buffer, next] = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(READ_BYTES, end - start)))
  let reading = readChunk(handle, buffer!, start, end)
  for (let at = start; at < end; [buffer, next] = [next, buffer]) {
    const chunk = await reading
    at += chunk.length
    if (at < end) reading = readChunk(handle, next!, at, end)
    // Its failure is told when its bytes are asked for; nobody's are, of who stops early, and closing waits for it.
    reading.catch(() => undefined)
    yield chunk
  }
}

async function readChunk(handle: FileHandle, buffer: Buffer, at: number, end: number): Promise<Uint8Array> {
  const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, end - at), at)
  if (bytesRead === 0) throw new EndOfFile()
  return buffer.subarray(0, bytesRead)
}

/** A file ended before the range that was asked of it. */
export class EndOfFile extends Error {
  override readonly name = 'EndOfFile'
}

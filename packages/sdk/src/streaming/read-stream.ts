import { Accumulator, BLOCK_BYTES, type Blake3, type ContentId } from '@opcache/protocol'
import type { StreamWindow } from './stream-window.js'

/** What a stream turned out to be once it was read. */
export interface StreamIdentity {
  readonly id: ContentId
  /** Bytes. */
  readonly size: number
}

/** Reads a stream to its end, block by block into the window, and sums the elements of its blocks on the way. */
export async function readStream(
  blake3: Blake3,
  chunks: AsyncIterable<Uint8Array>,
  window: StreamWindow,
  signal: AbortSignal,
): Promise<StreamIdentity> {
  const sum = new Accumulator(blake3)
  let index = 0
  let filled = 0
  let buffer: Buffer | undefined
  const endBlock = (whole: Buffer) => {
    const bytes = whole.subarray(0, filled)
    const digest = blake3.digest(bytes)
    sum.add(index, filled, digest)
    window.add({ index, bytes, digest })
    index += 1
    filled = 0
    buffer = undefined
  }
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      buffer ??= await window.room(signal)
      const piece = chunk.subarray(at, at + BLOCK_BYTES - filled)
      buffer.set(piece, filled)
      filled += piece.length
      at += piece.length
      if (filled === BLOCK_BYTES) endBlock(buffer)
    }
  }
  const size = index * BLOCK_BYTES + filled
  if (buffer) endBlock(buffer)
  window.end()
  return { id: sum.contentId(size), size }
}

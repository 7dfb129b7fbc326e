import { BLOCK_BYTES } from '@opcache/protocol'
import { returnBlockBuffer, takeBlockBuffer } from './block-buffers.js'

/** A block cut from a stream. */
export interface CutBlock {
  /** 0 for the first block of the stream. */
  readonly index: number
  /** Valid until `release` is called. */
  readonly bytes: Uint8Array
  /** Lets the memory be used for another block. */
  release(): void
}

/** Is told how the bytes of a stream come into blocks. */
export interface BlockWatcher {
  /** Names the blob that they go to. */
  readonly blob: string
  /** The first `filledBytes` of block `index` are in `buffer`, until it is stored. */
  filled(index: number, buffer: Buffer, filledBytes: number): void
  /** Block `index` is stored. */
  stored(index: number, lengthBytes: number): void
}

/**
 * Cuts a byte stream into blocks; the last one may be shorter, none is empty. Each has memory of its own, so that it can
 * be stored while the next one comes in: a chunk is not used any more when the one after it is asked for.
 */
export async function* inBlocks(
  stream: AsyncIterable<Uint8Array>,
  watcher?: BlockWatcher,
): AsyncGenerator<CutBlock> {
  let buffer: Buffer | undefined
  let index = 0
  let filled = 0
  for await (const chunk of stream) {
    for (let offset = 0; offset < chunk.length; ) {
      buffer ??= takeBlockBuffer()
      const copied = chunk.subarray(offset, offset + BLOCK_BYTES - filled)
      buffer.set(copied, filled)
      offset += copied.length
      filled += copied.length
      watcher?.filled(index, buffer, filled)
      if (filled === BLOCK_BYTES) {
        yield cutBlock(index, buffer, filled)
        buffer = undefined
        index += 1
        filled = 0
      }
    }
  }
  if (buffer) yield cutBlock(index, buffer, filled)
}

function cutBlock(index: number, buffer: Buffer, length: number): CutBlock {
  return { index, bytes: buffer.subarray(0, length), release: () => returnBlockBuffer(buffer) }
}

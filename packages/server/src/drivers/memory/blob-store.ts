import { Readable } from 'node:stream'
import { BLOCK_BYTES } from '@opcache/protocol'
import type { BlobCapabilities, BlobStore, BlobWriter } from '../../ports/blob-store.js'

type Blocks = Map<number, Uint8Array>

/** Keeps the blocks of blobs in memory. */
export class MemoryBlobStore implements BlobStore {
  readonly capabilities: BlobCapabilities
  readonly #blobs = new Map<string, Blocks>()

  constructor(partBlocks: number) {
    this.capabilities = { unitBlocks: 1, partBlocks, maxPartBlocks: Math.max(64, partBlocks) }
  }

  async openWriter(blob: string): Promise<BlobWriter> {
    const blocks: Blocks = this.#blobs.get(blob) ?? new Map()
    this.#blobs.set(blob, blocks)
    return {
      writeBlock: async (index, bytes) => void blocks.set(index, new Uint8Array(bytes)),
      sync: async () => undefined,
      close: async () => undefined,
    }
  }

  async has(blob: string): Promise<boolean> {
    return this.#blobs.has(blob)
  }

  read(blob: string, start: number, end: number): Readable {
    // The blocks are taken now: a deletion takes away the name, not what this reader holds.
    return Readable.from(pieces(blob, this.#blobs.get(blob), start, end), { objectMode: false })
  }

  localPath(): undefined {
    return undefined
  }

  async delete(blob: string): Promise<void> {
    this.#blobs.delete(blob)
  }

  async *names(): AsyncIterable<string> {
    yield* [...this.#blobs.keys()]
  }

  async availableBytes(): Promise<number> {
    return Number.POSITIVE_INFINITY
  }
}

function* pieces(
  blob: string,
  blocks: Blocks | undefined,
  start: number,
  end: number,
): Generator<Uint8Array> {
  for (let at = start; at < end; ) {
    const index = Math.floor(at / BLOCK_BYTES)
    const offset = at - index * BLOCK_BYTES
    const piece = blocks?.get(index)?.subarray(offset, offset + end - at)
    if (!piece?.length)
      throw new Error(`The blob ${blob} has no byte at ${at}: it was deleted or never written.`)
    yield piece
    at += piece.length
  }
}

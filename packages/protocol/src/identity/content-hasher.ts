import type { Blake3, Blake3Hasher } from '../blake3/blake3.js'
import { Accumulator } from './accumulator.js'
import { BLOCK_BYTES } from './block.js'
import type { ContentId } from './content-id.js'
import { DIGEST_BYTES } from './manifest.js'

/** What hashing a content gives. */
export interface ContentIdentity {
  id: ContentId
  /** Bytes. */
  size: number
  /** The digests of the blocks in order, 32 bytes each. */
  manifest: Uint8Array
}

/** Hashes a content that comes in order, in chunks of any size. */
export class ContentHasher {
  readonly #blake3: Blake3
  readonly #sum: Accumulator
  #manifest = new Uint8Array(64 * DIGEST_BYTES)
  #blocks = 0
  #block: Blake3Hasher | undefined
  #blockBytes = 0

  constructor(blake3: Blake3) {
    this.#blake3 = blake3
    this.#sum = new Accumulator(blake3)
  }

  /** Bytes hashed so far. */
  get size(): number {
    return this.#blocks * BLOCK_BYTES + this.#blockBytes
  }

  update(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.length; ) {
      const piece = chunk.subarray(offset, offset + BLOCK_BYTES - this.#blockBytes)
      offset += piece.length
      if (piece.length === BLOCK_BYTES) {
        this.#endBlock(this.#blake3.digest(piece), BLOCK_BYTES)
        continue
      }
      this.#block ??= this.#blake3.hasher()
      this.#block.update(piece)
      this.#blockBytes += piece.length
      if (this.#blockBytes === BLOCK_BYTES) this.#endBlock(this.#block.digest(), BLOCK_BYTES)
    }
  }

  /** The identity of all that was hashed; the hasher is used up. */
  finish(): ContentIdentity {
    const size = this.size
    if (this.#block) this.#endBlock(this.#block.digest(), this.#blockBytes)
    return {
      id: this.#sum.contentId(size),
      size,
      manifest: this.#manifest.slice(0, this.#blocks * DIGEST_BYTES),
    }
  }

  #endBlock(digest: Uint8Array, length: number): void {
    this.#sum.add(this.#blocks, length, digest)
    if ((this.#blocks + 1) * DIGEST_BYTES > this.#manifest.length) {
      const grown = new Uint8Array(this.#manifest.length * 2)
      grown.set(this.#manifest)
      this.#manifest = grown
    }
    this.#manifest.set(digest, this.#blocks * DIGEST_BYTES)
    this.#blocks += 1
    this.#block = undefined
    this.#blockBytes = 0
  }
}

/** The identity of bytes in memory. */
export function hashContent(blake3: Blake3, bytes: Uint8Array): ContentIdentity {
  const hasher = new ContentHasher(blake3)
  hasher.update(bytes)
  return hasher.finish()
}

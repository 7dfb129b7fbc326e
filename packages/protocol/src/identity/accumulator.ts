import type { Blake3 } from '../blake3/blake3.js'
import { keyedOutput } from '../blake3/keyed-output.js'
import type { ContentId } from './content-id.js'
import { toHex } from './hex.js'
import { labelKey } from './labels.js'

/** Bytes of an accumulator: 1024 unsigned 16-bit lanes, little-endian. */
export const ACCUMULATOR_BYTES = 2048

/**
 * The commutative hash of a content: the sum of its block elements, lane by lane mod 2^16, the same in whatever order
 * the blocks came and however partial sums were merged. It is not idempotent: add each index once.
 *
 * LtHash16 with 1024 lanes (Lewi et al. 2019, "Securing Update Propagation with Homomorphic Hashing").
 */
export class Accumulator {
  readonly #blake3: Blake3
  readonly #lanes: Uint16Array

  /** Starts at zero, the sum of the empty content, or at a sum that was kept as `bytes`. */
  constructor(blake3: Blake3, bytes?: Uint8Array) {
    this.#blake3 = blake3
    this.#lanes = new Uint16Array(ACCUMULATOR_BYTES / 2)
    if (bytes) this.#addBytes(bytes)
  }

  /** Adds the element of block `index`, of `length` bytes and 32-byte digest `digest`. */
  add(index: number, length: number, digest: Uint8Array): void {
    this.#addBytes(blockElement(this.#blake3, index, length, digest))
  }

  /** Takes the element of a block out again that was added before. */
  remove(index: number, length: number, digest: Uint8Array): void {
    const element = new Accumulator(this.#blake3, blockElement(this.#blake3, index, length, digest))
    for (let lane = 0; lane < this.#lanes.length; lane++) this.#lanes[lane]! -= element.#lanes[lane]!
  }

  /** Adds the partial sum of other blocks of the same content. */
  merge(other: Accumulator): void {
    for (let lane = 0; lane < this.#lanes.length; lane++) this.#lanes[lane]! += other.#lanes[lane]!
  }

  /** The sum, to be kept or sent: 2048 bytes, little-endian. */
  toBytes(): Uint8Array {
    const bytes = new Uint8Array(ACCUMULATOR_BYTES)
    const view = new DataView(bytes.buffer)
    this.#lanes.forEach((value, lane) => {
      view.setUint16(lane * 2, value, true)
    })
    return bytes
  }

  /** The id of the content of `sizeBytes` whose blocks were all added, once each. */
  contentId(sizeBytes: number): ContentId {
    const input = new Uint8Array(ACCUMULATOR_BYTES + 8)
    input.set(this.toBytes())
    new DataView(input.buffer).setBigUint64(ACCUMULATOR_BYTES, BigInt(sizeBytes), true)
    return toHex(this.#blake3.keyed(labelKey(this.#blake3, 'contentId'), input)) as ContentId
  }

  #addBytes(bytes: Uint8Array): void {
    // Looked up once: a short process does this before it is compiled.
    const lanes = this.#lanes
    for (let lane = 0; lane < lanes.length; lane++) {
      lanes[lane]! += bytes[lane * 2]! | (bytes[lane * 2 + 1]! << 8)
    }
  }
}

/** The element of a block: it binds the block's digest to its index and its length. */
export function blockElement(blake3: Blake3, index: number, length: number, digest: Uint8Array): Uint8Array {
  const input = new Uint8Array(48)
  input.set(digest)
  const view = new DataView(input.buffer)
  view.setBigUint64(32, BigInt(index), true)
  view.setBigUint64(40, BigInt(length), true)
  return keyedOutput(labelKey(blake3, 'element'), input, ACCUMULATOR_BYTES)
}

import { compress } from './compress.js'

/** The most bytes of input that {@link keyedOutput} takes: one block of BLAKE3's. */
export const KEYED_INPUT_BYTES = 64

const IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a] as const
/** CHUNK_START, CHUNK_END, ROOT and KEYED_HASH: all there is to hash is one block. */
const FLAGS = 1 | 2 | 8 | 16

/**
 * The keyed BLAKE3 hash of a few bytes, `length` bytes of extended output (BLAKE3 specification, 2.2 and 2.6). The native
 * engine has no extended output, and to load WebAssembly takes longer than what most sources need of it.
 *
 * @throws RangeError for more than {@link KEYED_INPUT_BYTES} bytes.
 */
export function keyedOutput(key: Uint8Array, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length > KEYED_INPUT_BYTES)
    throw new RangeError('Extended output is for a single block of input.')
  const keyWords = littleEndianWords(key, 8)
  const message = littleEndianWords(bytes, 16)
  const blocks = Math.ceil(length / 64)
  const output = new DataView(new ArrayBuffer(blocks * 64))
  const state = new Uint32Array(16)
  for (let block = 0; block < blocks; block++) {
    state.set(keyWords)
    state.set(IV, 8)
    state.set([block, 0, bytes.length, FLAGS], 12)
    compress(state, message)
    for (let word = 0; word < 8; word++) {
      const at = block * 64 + word * 4
      output.setUint32(at, state[word]! ^ state[word + 8]!, true)
      output.setUint32(at + 32, state[word + 8]! ^ keyWords[word]!, true)
    }
  }
  return new Uint8Array(output.buffer, 0, length)
}

function littleEndianWords(bytes: Uint8Array, count: number): Uint32Array {
  const words = new Uint32Array(count)
  bytes.forEach((byte, at) => {
    words[at >> 2]! |= byte << ((at & 3) * 8)
  })
  return words
}

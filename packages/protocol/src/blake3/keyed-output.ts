/** The most bytes of input that {@link keyedOutput} takes: one block of BLAKE3's. */
export const KEYED_INPUT_BYTES = 64

const IV = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a] as const
const ROUNDS = 7
/** How the words of a message change places from round to round. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const
/** CHUNK_START, CHUNK_END, ROOT and KEYED_HASH: all there is to hash is one block. */
const FLAGS = 1 | 2 | 8 | 16

/** The places of the words of a message, sixteen for each round. */
const SCHEDULE = schedule()

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

function compress(state: Uint32Array, message: Uint32Array): void {
  for (let at = 0; at < SCHEDULE.length; at += 16) {
    mix(state, 0, 4, 8, 12, word(message, at), word(message, at + 1))
    mix(state, 1, 5, 9, 13, word(message, at + 2), word(message, at + 3))
    mix(state, 2, 6, 10, 14, word(message, at + 4), word(message, at + 5))
    mix(state, 3, 7, 11, 15, word(message, at + 6), word(message, at + 7))
    mix(state, 0, 5, 10, 15, word(message, at + 8), word(message, at + 9))
    mix(state, 1, 6, 11, 12, word(message, at + 10), word(message, at + 11))
    mix(state, 2, 7, 8, 13, word(message, at + 12), word(message, at + 13))
    mix(state, 3, 4, 9, 14, word(message, at + 14), word(message, at + 15))
  }
}

/**
 * The quarter round of the specification, on four words of the state. Read and written once, and not as a list: it is most
 * of the work, and a short process does all of it before it is compiled.
 */
function mix(
  state: Uint32Array,
  a: number,
  b: number,
  c: number,
  d: number,
  first: number,
  second: number,
): void {
  let wa = state[a]! | 0
  let wb = state[b]! | 0
  let wc = state[c]! | 0
  let wd = state[d]! | 0
  wa = (wa + wb + first) | 0
  wd = rotated(wd ^ wa, 16)
  wc = (wc + wd) | 0
  wb = rotated(wb ^ wc, 12)
  wa = (wa + wb + second) | 0
  wd = rotated(wd ^ wa, 8)
  wc = (wc + wd) | 0
  wb = rotated(wb ^ wc, 7)
  state[a] = wa
  state[b] = wb
  state[c] = wc
  state[d] = wd
}

function word(message: Uint32Array, at: number): number {
  return message[SCHEDULE[at]!]!
}

function rotated(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

function schedule(): Uint8Array {
  const places = new Uint8Array(ROUNDS * 16)
  for (let at = 0; at < places.length; at++) {
    places[at] = at < 16 ? at : places[at - (at % 16) - 16 + PERMUTATION[at % 16]!]!
  }
  return places
}

function littleEndianWords(bytes: Uint8Array, count: number): Uint32Array {
  const words = new Uint32Array(count)
  bytes.forEach((byte, at) => {
    words[at >> 2]! |= byte << ((at & 3) * 8)
  })
  return words
}

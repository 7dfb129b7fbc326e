const ROUNDS = 7
/** How the words of a message change places from round to round. */
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8] as const

/** The places of the words of a message, sixteen for each round. */
const SCHEDULE = schedule()

/**
 * Mixes the sixteen words of `message` into the sixteen of `state`, in place (BLAKE3 specification, 2.2). Written out,
 * with a variable for each word: a short process does most of its hashing before any of this is compiled, and calls and
 * arrays made that several times as slow.
 */
export function compress(state: Uint32Array, message: Uint32Array): void {
  let v0 = state[0]! | 0
  let v1 = state[1]! | 0
  let v2 = state[2]! | 0
  let v3 = state[3]! | 0
  let v4 = state[4]! | 0
  let v5 = state[5]! | 0
  let v6 = state[6]! | 0
  let v7 = state[7]! | 0
  let v8 = state[8]! | 0
  let v9 = state[9]! | 0
  let v10 = state[10]! | 0
  let v11 = state[11]! | 0
  let v12 = state[12]! | 0
  let v13 = state[13]! | 0
  let v14 = state[14]! | 0
  let v15 = state[15]! | 0
  for (let at = 0; at < SCHEDULE.length; at += 16) {
    v0 = (v0 + v4 + message[SCHEDULE[at]!]!) | 0
    v12 ^= v0
    v12 = (v12 >>> 16) | (v12 << 16)
    v8 = (v8 + v12) | 0
    v4 ^= v8
    v4 = (v4 >>> 12) | (v4 << 20)
    v0 = (v0 + v4 + message[SCHEDULE[at + 1]!]!) | 0
    v12 ^= v0
    v12 = (v12 >>> 8) | (v12 << 24)
    v8 = (v8 + v12) | 0
    v4 ^= v8
    v4 = (v4 >>> 7) | (v4 << 25)
    v1 = (v1 + v5 + message[SCHEDULE[at + 2]!]!) | 0
    v13 ^= v1
    v13 = (v13 >>> 16) | (v13 << 16)
    v9 = (v9 + v13) | 0
    v5 ^= v9
    v5 = (v5 >>> 12) | (v5 << 20)
    v1 = (v1 + v5 + message[SCHEDULE[at + 3]!]!) | 0
    v13 ^= v1
    v13 = (v13 >>> 8) | (v13 << 24)
    v9 = (v9 + v13) | 0
    v5 ^= v9
    v5 = (v5 >>> 7) | (v5 << 25)
    v2 = (v2 + v6 + message[SCHEDULE[at + 4]!]!) | 0
    v14 ^= v2
    v14 = (v14 >>> 16) | (v14 << 16)
    v10 = (v10 + v14) | 0
    v6 ^= v10
    v6 = (v6 >>> 12) | (v6 << 20)
    v2 = (v2 + v6 + message[SCHEDULE[at + 5]!]!) | 0
    v14 ^= v2
    v14 = (v14 >>> 8) | (v14 << 24)
    v10 = (v10 + v14) | 0
    v6 ^= v10
    v6 = (v6 >>> 7) | (v6 << 25)
    v3 = (v3 + v7 + message[SCHEDULE[at + 6]!]!) | 0
    v15 ^= v3
    v15 = (v15 >>> 16) | (v15 << 16)
    v11 = (v11 + v15) | 0
    v7 ^= v11
    v7 = (v7 >>> 12) | (v7 << 20)
    v3 = (v3 + v7 + message[SCHEDULE[at + 7]!]!) | 0
    v15 ^= v3
    v15 = (v15 >>> 8) | (v15 << 24)
    v11 = (v11 + v15) | 0
    v7 ^= v11
    v7 = (v7 >>> 7) | (v7 << 25)
    v0 = (v0 + v5 + message[SCHEDULE[at + 8]!]!) | 0
    v15 ^= v0
    v15 = (v15 >>> 16) | (v15 << 16)
    v10 = (v10 + v15) | 0
    v5 ^= v10
    v5 = (v5 >>> 12) | (v5 << 20)
    v0 = (v0 + v5 + message[SCHEDULE[at + 9]!]!) | 0
    v15 ^= v0
    v15 = (v15 >>> 8) | (v15 << 24)
    v10 = (v10 + v15) | 0
    v5 ^= v10
    v5 = (v5 >>> 7) | (v5 << 25)
    v1 = (v1 + v6 + message[SCHEDULE[at + 10]!]!) | 0
    v12 ^= v1
    v12 = (v12 >>> 16) | (v12 << 16)
    v11 = (v11 + v12) | 0
    v6 ^= v11
    v6 = (v6 >>> 12) | (v6 << 20)
    v1 = (v1 + v6 + message[SCHEDULE[at + 11]!]!) | 0
    v12 ^= v1
    v12 = (v12 >>> 8) | (v12 << 24)
    v11 = (v11 + v12) | 0
    v6 ^= v11
    v6 = (v6 >>> 7) | (v6 << 25)
    v2 = (v2 + v7 + message[SCHEDULE[at + 12]!]!) | 0
    v13 ^= v2
    v13 = (v13 >>> 16) | (v13 << 16)
    v8 = (v8 + v13) | 0
    v7 ^= v8
    v7 = (v7 >>> 12) | (v7 << 20)
    v2 = (v2 + v7 + message[SCHEDULE[at + 13]!]!) | 0
    v13 ^= v2
    v13 = (v13 >>> 8) | (v13 << 24)
    v8 = (v8 + v13) | 0
    v7 ^= v8
    v7 = (v7 >>> 7) | (v7 << 25)
    v3 = (v3 + v4 + message[SCHEDULE[at + 14]!]!) | 0
    v14 ^= v3
    v14 = (v14 >>> 16) | (v14 << 16)
    v9 = (v9 + v14) | 0
    v4 ^= v9
    v4 = (v4 >>> 12) | (v4 << 20)
    v3 = (v3 + v4 + message[SCHEDULE[at + 15]!]!) | 0
    v14 ^= v3
    v14 = (v14 >>> 8) | (v14 << 24)
    v9 = (v9 + v14) | 0
    v4 ^= v9
    v4 = (v4 >>> 7) | (v4 << 25)
  }
  state[0] = v0
  state[1] = v1
  state[2] = v2
  state[3] = v3
  state[4] = v4
  state[5] = v5
  state[6] = v6
  state[7] = v7
  state[8] = v8
  state[9] = v9
  state[10] = v10
  state[11] = v11
  state[12] = v12
  state[13] = v13
  state[14] = v14
  state[15] = v15
}

function schedule(): Uint8Array {
  const places = new Uint8Array(ROUNDS * 16)
  for (let at = 0; at < places.length; at++) {
    places[at] = at < 16 ? at : places[at - (at % 16) - 16 + PERMUTATION[at % 16]!]!
  }
  return places
}

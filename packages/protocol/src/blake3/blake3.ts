/** BLAKE3 as the identity functions need it. Engines differ in speed only. */
export interface Blake3 {
  /** Which engine this is. */
  readonly engine: 'native' | 'portable'
  /** The 32-byte hash of `bytes`. */
  digest(bytes: Uint8Array): Uint8Array
  /** A hash that is fed piece by piece. */
  hasher(): Blake3Hasher
  /** The 32-byte keyed hash under a 32-byte key. */
  keyed(key: Uint8Array, bytes: Uint8Array): Uint8Array
}

/** A running hash: `update` any number of times, `digest` once. */
export interface Blake3Hasher {
  update(bytes: Uint8Array): void
  /** The 32-byte hash; the hasher is used up. */
  digest(): Uint8Array
}

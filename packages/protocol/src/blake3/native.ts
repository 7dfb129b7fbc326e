import { Blake3Hasher } from '@napi-rs/blake-hash'
import type { Blake3 } from './blake3.js'

/** Machine code: about ten times faster on blocks. */
export const nativeBlake3: Blake3 = {
  engine: 'native',
  digest: bytes => finish(new Blake3Hasher(), bytes),
  hasher: () => {
    const running = new Blake3Hasher()
    return { update: bytes => void running.update(bytes), digest: () => running.digestBuffer() }
  },
  keyed: (key, bytes) => finish(Blake3Hasher.newKeyed(key as Buffer), bytes),
}

function finish(hasher: Blake3Hasher, bytes: Uint8Array): Uint8Array {
  return hasher.update(bytes).digestBuffer()
}

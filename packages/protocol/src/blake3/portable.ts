import { createHash, createKeyed, hash } from 'blake3-wasm'
import type { Blake3 } from './blake3.js'

/** WebAssembly: runs everywhere. */
export const portableBlake3: Blake3 = {
  engine: 'portable',
  digest: bytes => hash(bytes) as Uint8Array,
  hasher: () => {
    const running = createHash()
    return { update: bytes => void running.update(bytes), digest: () => running.digest() }
  },
  // Not the module's `keyedHash`, which never gives back the memory it takes. Its types ask for a Buffer, its code for
  // bytes.
  keyed: (key, bytes) =>
    createKeyed(key as Buffer)
      .update(bytes)
      .digest(),
}

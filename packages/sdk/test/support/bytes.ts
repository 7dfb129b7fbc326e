import { createCipheriv } from 'node:crypto'

/** Bytes that look random and are the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16))
  return Uint8Array.from(cipher.update(Buffer.alloc(length)))
}

export const MIB = 1 << 20

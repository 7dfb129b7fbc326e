import { createHash } from 'node:crypto'

/** Bytes that look random and are the same in every run. */
export function randomBytes(length: number, seed: string): Buffer {
  const shake = createHash('shake256', { outputLength: length })
  return shake.update(seed).digest()
}

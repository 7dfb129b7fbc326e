import { createHash, randomBytes } from 'node:crypto'

/** Tells tokens of opcache from other secrets, for people and for programs that look for leaked ones. */
const PREFIX = 'opcache_'

/** A new token: 256 random bits. */
export function makeToken(): string {
  return PREFIX + randomBytes(32).toString('base64url')
}

/**
 * What is kept of a token. A slow hash would protect what people make up; of 256 random bits nobody tries a noticeable
 * part, however fast the hash is.
 */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

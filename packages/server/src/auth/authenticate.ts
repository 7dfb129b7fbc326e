import type { Caller } from '../engine/caller.js'
import type { Clock } from '../ports/drivers.js'
import { AuthError } from './auth-error.js'
import { bearerToken } from './bearer.js'
import { type JwtOptions, JwtVerifier } from './jwt.js'
import { TokenFile } from './token-file.js'

/** How callers show who they are; with both, either will do. */
export interface AuthOptions {
  /** Path of a file with a line for each token; see `addToken`. It is read again when it changes. */
  readonly tokens?: string
  /** Takes JSON Web Tokens of an issuer. */
  readonly jwt?: JwtOptions
}

/** Tells who asks by the `Authorization` header. @throws ProtocolError `unauthenticated` */
export type Authenticate = (authorization: string | undefined) => Promise<Caller>

/** Opens what credentials are checked with. @throws AuthError when that cannot be used */
export async function openAuthentication(
  { tokens, jwt }: AuthOptions,
  now: Clock,
  report: (error: unknown, what: string) => void,
): Promise<Authenticate> {
  if (tokens === undefined && jwt === undefined) {
    throw new AuthError('Authentication needs a file of tokens, JSON Web Tokens, or both.')
  }
  const file = tokens === undefined ? undefined : await TokenFile.open(tokens, now, report)
  const verifier = jwt && (await JwtVerifier.open(jwt, now, report))
  return async authorization => {
    const token = bearerToken(authorization)
    // RFC 7515, 3.1: three parts with dots between them. Tokens of a file have none.
    const knower = verifier && (!file || token.split('.').length === 3) ? verifier : file
    return knower!.callerOf(token)
  }
}

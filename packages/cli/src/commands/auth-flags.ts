import { resolve } from 'node:path'
import type { AuthOptions, JwtOptions } from '@opcache/server'
import { usageError } from '../failure/command-error.js'

/** Flags of `serve` that say how callers show who they are. */
export interface AuthFlags {
  readonly tokens?: string
  readonly jwtJwks?: string
  readonly jwtIssuer?: string
  readonly jwtAudience?: string
  readonly jwtUserClaim?: string
  readonly jwtNamespaceClaim?: string
  readonly jwtScopesClaim?: string
}

/** What the flags say, undefined when they say nothing. @throws CommandError */
export function authOptions(flags: AuthFlags): AuthOptions | undefined {
  const jwt = jwtOptions(flags)
  if (flags.tokens === undefined && !jwt) return undefined
  return {
    ...(flags.tokens !== undefined && { tokens: resolve(flags.tokens) }),
    ...(jwt && { jwt }),
  }
}

function jwtOptions(flags: AuthFlags): JwtOptions | undefined {
  const { jwtJwks, jwtIssuer: issuer, jwtAudience: audience } = flags
  const { jwtUserClaim, jwtNamespaceClaim, jwtScopesClaim } = flags
  const given = [jwtJwks, issuer, audience, jwtUserClaim, jwtNamespaceClaim, jwtScopesClaim]
  if (given.every(value => value === undefined)) return undefined
  if (jwtJwks === undefined || issuer === undefined || audience === undefined) {
    throw usageError(
      'JSON Web Tokens need to be known: by whom, for whom, and signed with which keys.',
      'Give --jwt-jwks, --jwt-issuer and --jwt-audience.',
    )
  }
  return {
    jwks: /^https?:/i.test(jwtJwks) ? jwtJwks : resolve(jwtJwks),
    issuer,
    audience,
    ...(jwtUserClaim !== undefined && { userClaim: jwtUserClaim }),
    ...(jwtNamespaceClaim !== undefined && { namespaceClaim: jwtNamespaceClaim }),
    ...(jwtScopesClaim !== undefined && { scopesClaim: jwtScopesClaim }),
  }
}

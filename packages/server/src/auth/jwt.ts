import { isProtocolError, ProtocolError } from '@opcache/protocol'
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose'
import { type Caller, DEFAULT_NAMESPACE, isScope } from '../engine/caller.js'
import type { Clock } from '../ports/drivers.js'
import { AuthError } from './auth-error.js'
import { unauthenticated } from './bearer.js'
import { callerName } from './caller-name.js'
import { isLoopback } from './loopback.js'
import { ReloadedFile } from './reloaded-file.js'

/** Whose JSON Web Tokens (RFC 7519) are taken, and what their claims mean. */
export interface JwtOptions {
  /** Where the keys are (RFC 7517): an `https:` address, or the path of a file that is read again when it changes. */
  readonly jwks: string
  /** `iss` of every token. */
  readonly issuer: string
  /** In `aud` of every token: one that was made for another service is not taken. */
  readonly audience: string
  /** Claim that names the user. @default 'sub' */
  readonly userClaim?: string
  /** Claim that names the namespace; a token without it is not taken. @default none: the namespace is `default` */
  readonly namespaceClaim?: string
  /** Claim with the scopes, a list or a text with spaces between them; others than those of opcache mean nothing here. @default 'scope' */
  readonly scopesClaim?: string
}

/** Public keys only: who can check a token must not be able to make one. */
const ALGORITHMS = [
  'EdDSA',
  'Ed25519',
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
  'RS384',
  'RS512',
]

/** Codes of jose for keys that cannot be had now; its others say that a token is not worth anything. */
const KEYS_UNAVAILABLE = new Set(['ERR_JOSE_GENERIC', 'ERR_JWKS_INVALID', 'ERR_JWKS_TIMEOUT'])

/** A token whose key is unknown has the keys fetched again, at most so often: an issuer may have a new one. */
const REFETCH_MS = 1_000

/** Verifies the tokens of one issuer. */
export class JwtVerifier {
  private constructor(
    readonly options: JwtOptions,
    readonly jose: typeof import('jose'),
    readonly keys: JWTVerifyGetKey,
    readonly now: Clock,
    readonly report: (error: unknown, what: string) => void,
  ) {}

  /** @throws AuthError when the keys are in no place that can be trusted, or a file of them cannot be used */
  static async open(
    options: JwtOptions,
    now: Clock,
    report: (error: unknown, what: string) => void,
  ): Promise<JwtVerifier> {
    for (const name of ['jwks', 'issuer', 'audience'] as const) {
      if (!options[name])
        throw new AuthError(`JSON Web Tokens need "${name}": whose are taken, and for what.`)
    }
    const jose = await import('jose')
    return new JwtVerifier(options, jose, await openKeys(jose, options.jwks, report), now, report)
  }

  /** Whom a token speaks for. @throws ProtocolError `unauthenticated`; `busy` when the keys cannot be had */
  async callerOf(token: string): Promise<Caller> {
    const { issuer, audience } = this.options
    try {
      const { payload } = await this.jose.jwtVerify(token, this.keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        requiredClaims: ['exp'],
        currentDate: new Date(this.now()),
      })
      return this.#caller(payload)
    } catch (error) {
      if (isProtocolError(error)) throw error
      const isAboutToken = error instanceof this.jose.errors.JOSEError && !KEYS_UNAVAILABLE.has(error.code)
      if (isAboutToken || error instanceof AuthError) throw unauthenticated()
      this.report(error, 'getting the keys of JSON Web Tokens')
      throw new ProtocolError('busy', 'The keys that tokens are checked with cannot be had now.', {
        cause: error,
      })
    }
  }

  #caller(claims: JWTPayload): Caller {
    const { userClaim = 'sub', namespaceClaim, scopesClaim = 'scope' } = this.options
    const said = claims[scopesClaim]
    const scopes = Array.isArray(said) ? said : typeof said === 'string' ? said.split(' ') : []
    return {
      namespace:
        namespaceClaim === undefined ? DEFAULT_NAMESPACE : callerName(claims[namespaceClaim], 'namespace'),
      user: callerName(claims[userClaim], 'user'),
      scopes: scopes.filter(isScope),
    }
  }
}

async function openKeys(
  jose: typeof import('jose'),
  jwks: string,
  report: (error: unknown, what: string) => void,
): Promise<JWTVerifyGetKey> {
  if (/^https?:/i.test(jwks)) {
    const url = URL.canParse(jwks) ? new URL(jwks) : undefined
    const host = url?.hostname.replace(/^\[|\]$/g, '')
    const isTrusted = url?.protocol === 'https:' || (host !== undefined && (await isLoopback(host)))
    if (!url || !isTrusted)
      throw new AuthError(`The keys come over https, not from ${jwks}: others could be slipped in.`)
    return jose.createRemoteJWKSet(url, { cooldownDuration: REFETCH_MS })
  }
  const parse = (text: string) => jose.createLocalJWKSet(JSON.parse(text) as JSONWebKeySet)
  const file = await ReloadedFile.open({ path: jwks, parse, report }).catch(error => {
    throw new AuthError(`The keys in ${jwks} cannot be used: ${error.message}.`, { cause: error })
  })
  return async (header, token) => (await file.current())(header, token)
}

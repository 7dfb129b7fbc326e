import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import { addToken, type NewToken } from '../../src/index.js'

/** A token file of a test, whose tokens are remembered by their headers. */
export class Tokens {
  private constructor(readonly path: string) {}

  static async make(): Promise<Tokens> {
    const folder = await mkdtemp(join(tmpdir(), 'opcache-tokens-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    return new Tokens(join(folder, 'tokens'))
  }

  /** Adds a token and answers the header that carries it. */
  async add(token: NewToken): Promise<{ authorization: string }> {
    return bearer(await addToken(this.path, token))
  }
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

/** An issuer of JSON Web Tokens with one key. */
export class Issuer {
  private constructor(
    readonly jwks: string,
    private readonly key: CryptoKey,
    private readonly keyId: string,
  ) {}

  static async make(keyId = 'one'): Promise<Issuer> {
    const { publicKey, privateKey } = await generateKeyPair('ES256')
    const jwk = { ...(await exportJWK(publicKey)), kid: keyId, alg: 'ES256', use: 'sig' }
    return new Issuer(JSON.stringify({ keys: [jwk] }), privateKey, keyId)
  }

  /** A token as the server of a test takes it, but for what `claims` say. */
  sign(claims: Record<string, unknown> = {}): Promise<string> {
    return new SignJWT({ ...ISSUED_FOR, sub: 'anna', scope: 'read upload execute', exp: soon(), ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: this.keyId })
      .sign(this.key)
  }
}

/** What the tokens of a test say of where they come from and whom they are for. */
export const ISSUED_FOR = { iss: 'https://issuer.example', aud: 'opcache' }

function soon(): number {
  return Math.floor(Date.now() / 1000) + 600
}

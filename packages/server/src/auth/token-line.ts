import { parseIJson } from '@opcache/protocol'
import { Hex64 } from '@opcache/protocol/schemas'
import { Ajv } from 'ajv'
import Type, { type Static } from 'typebox'
import { type Caller, SCOPES } from '../engine/caller.js'
import { AuthError } from './auth-error.js'
import { callerName } from './caller-name.js'

/** A line of a token file: who the holder of a token is, and what the token allows. */
export const TokenLine = Type.Object(
  {
    sha256: Hex64,
    user: Type.String({ minLength: 1 }),
    namespace: Type.Optional(Type.String({ minLength: 1 })),
    scopes: Type.Array(Type.Enum([...SCOPES])),
    expiresAt: Type.Optional(
      Type.String({ description: 'RFC 3339; the token is worth nothing from then on' }),
    ),
  },
  { additionalProperties: false },
)
export type TokenLine = Static<typeof TokenLine>

/** A token that a server knows, by its hash. */
export interface KnownToken {
  readonly hash: Buffer
  readonly caller: Caller
  /** Milliseconds since 1970; Infinity for one that does not expire. */
  readonly expiresAt: number
}

const validate = new Ajv({ strict: false }).compile(TokenLine)

/** The tokens of a file: a JSON object a line; lines that are empty or begin with `#` say nothing. @throws AuthError */
export function parseTokenLines(path: string, text: string): KnownToken[] {
  return text.split('\n').flatMap((line, index) => {
    const said = line.trim()
    if (said === '' || said.startsWith('#')) return []
    try {
      return [knownToken(said)]
    } catch (error) {
      throw new AuthError(`${path}, line ${index + 1}: ${(error as Error).message}`, { cause: error })
    }
  })
}

function knownToken(line: string): KnownToken {
  const said = parsed(line)
  if (!validate(said)) {
    const { instancePath = '', message = 'is not valid' } = validate.errors?.[0] ?? {}
    throw new AuthError(`${instancePath.slice(1) || 'it'} ${message}.`)
  }
  const { sha256, user, namespace = 'default', scopes, expiresAt } = said as TokenLine
  const expiry = expiresAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(expiresAt)
  if (Number.isNaN(expiry)) throw new AuthError(`expiresAt is no time: "${expiresAt}".`)
  return {
    hash: Buffer.from(sha256, 'hex'),
    caller: {
      namespace: callerName(namespace, 'namespace'),
      user: callerName(user, 'user'),
      scopes,
    },
    expiresAt: expiry,
  }
}

function parsed(line: string): unknown {
  try {
    return parseIJson(Buffer.from(line))
  } catch {
    // What a parser says of it quotes it, and somebody may have put a token there as it is.
    throw new AuthError('it is no JSON object.')
  }
}

import { open } from 'node:fs/promises'
import { DEFAULT_NAMESPACE, type Scope } from '../engine/caller.js'
import { makeToken, tokenHash } from './token.js'
import { parseTokenLines, type TokenLine } from './token-line.js'

/** Whom a new token is for. */
export interface NewToken {
  readonly user: string
  /** @default 'default' */
  readonly namespace?: string
  /** @default read, upload and execute */
  readonly scopes?: readonly Scope[]
  /** When it ceases to be worth anything. @default never */
  readonly expiresAt?: Date
}

/**
 * Makes a token and adds its line to a token file, which is created where it is not there. Answers the token: nobody can
 * find it out again. Servers that use the file know it from their next request on.
 *
 * @throws AuthError when a name is none.
 */
export async function addToken(
  path: string,
  { user, namespace, scopes, expiresAt }: NewToken,
): Promise<string> {
  const token = makeToken()
  const line: TokenLine = {
    sha256: tokenHash(token).toString('hex'),
    user,
    namespace: namespace ?? DEFAULT_NAMESPACE,
    scopes: [...(scopes ?? (['read', 'upload', 'execute'] as const))],
    ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
  }
  const text = JSON.stringify(line)
  parseTokenLines('The new token', text)
  const file = await open(path, 'a+', 0o600)
  try {
    await file.appendFile(`${(await endsInLine(file)) ? '\n' : ''}${text}\n`)
    await file.datasync()
  } finally {
    await file.close()
  }
  return token
}

/** Whether the last line of a file has no end. */
async function endsInLine(file: Awaited<ReturnType<typeof open>>): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return buffer.toString() !== '\n'
}

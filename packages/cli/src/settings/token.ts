import { readFile } from 'node:fs/promises'
import { CommandError } from '../failure/command-error.js'

/** Where the token comes from, if there is one. */
export type TokenSource =
  | { readonly kind: 'value'; readonly token: string; readonly origin: string }
  | { readonly kind: 'file'; readonly path: string }

/** The token in a form that the client takes: a file is read again whenever the client asks again. */
export async function tokenOf(
  source: TokenSource | undefined,
): Promise<string | (() => Promise<string>) | undefined> {
  if (!source) return undefined
  if (source.kind === 'value') return checked(source.token, source.origin)
  // Read once here, so that a missing file is found before any work.
  await readToken(source.path)
  return () => readToken(source.path)
}

async function readToken(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      'token-unreadable',
      `The token file ${path} cannot be read (${error.code}).`,
      'Check OPCACHE_TOKEN_FILE or --token-file, and the permissions of the file.',
      error,
    )
  })
  return checked(text.trim(), `the file ${path}`)
}

/** RFC 6750, 2.1: what a bearer token is made of. The token itself is never told. */
function checked(token: string, origin: string): string {
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new CommandError(
    'token-unreadable',
    `What ${origin} holds is not a token: it ${token === '' ? 'is empty' : 'has characters that no token has'}.`,
    'Put the token, and nothing else, there.',
  )
}

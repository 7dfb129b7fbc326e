import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from '../failure/command-error.js'
import type { Folders } from './folders.js'
import { originText, type ResolvedSettings } from './resolved.js'

/** Where the token comes from, if there is one. */
export type TokenSource =
  | { readonly kind: 'value'; readonly token: string; readonly origin: string }
  | TokenFile

/** A file that holds a token: one that a setting names, or what `opcache login` stored. */
export interface TokenFile {
  readonly kind: 'file' | 'stored'
  readonly path: string
  readonly origin: string
}

/** The file in which `login` keeps the token of a server. */
export function tokenFileOf({ tokens }: Pick<Folders, 'tokens'>, server: string): string {
  return join(tokens, encodeURIComponent(server.replace(/\/+$/, '')))
}

/** The same, where it is there. */
export function storedTokenFile(folders: Pick<Folders, 'tokens'>, server: string): string | undefined {
  const path = tokenFileOf(folders, server)
  return existsSync(path) ? path : undefined
}

/**
 * A flag goes before the environment, before what was stored for this very server, before the user's file, whose token
 * is not for a server that only a project's file names.
 */
export function tokenSource(
  resolved: ResolvedSettings,
  env: NodeJS.ProcessEnv,
  storedFile: string | undefined,
): TokenSource | undefined {
  const file = resolved['token-file']
  const fileSource = file && { kind: 'file' as const, path: file.value, origin: originText(file.origin) }
  if (file?.origin.kind === 'flag') return fileSource
  const { OPCACHE_TOKEN: token } = env
  if (token) return { kind: 'value', token, origin: 'OPCACHE_TOKEN' }
  if (file?.origin.kind === 'variable') return fileSource
  if (storedFile !== undefined) return { kind: 'stored', path: storedFile, origin: 'opcache login' }
  return resolved.server?.origin.kind === 'project' ? undefined : fileSource
}

/** The token in a form that the client takes: a file is read again whenever the client asks again. */
export async function tokenOf(
  source: TokenSource | undefined,
): Promise<string | (() => Promise<string>) | undefined> {
  if (!source) return undefined
  if (source.kind === 'value') return checkedToken(source.token, source.origin)
  if (source.kind === 'stored') await assertPrivate(source.path)
  // Read once here, so that a missing file is found before any work.
  await readToken(source)
  return () => readToken(source)
}

/** What a file of a token holds. @throws CommandError */
export async function readToken({ kind, path, origin }: TokenFile): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      'token-unreadable',
      `The token file ${path} of ${kind === 'stored' ? `\`${origin}\`` : origin} cannot be read (${error.code}).`,
      kind === 'stored'
        ? 'Check its permissions, or run `opcache login` again.'
        : 'Name another file there, or check the permissions of this one.',
      error,
    )
  })
  return checkedToken(text.trim(), `the file ${path}`)
}

async function assertPrivate(path: string): Promise<void> {
  const { mode } = await stat(path)
  // Windows has no such bits.
  if (process.platform === 'win32' || (mode & 0o077) === 0) return
  throw new CommandError(
    'token-unreadable',
    `Others on this machine can read the token in ${path}.`,
    'Have the server withdraw it, then run `opcache login` again.',
  )
}

/** RFC 6750, 2.1: what a bearer token is made of. The token itself is never told. @throws CommandError */
export function checkedToken(token: string, origin: string): string {
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new CommandError(
    'token-unreadable',
    `What ${origin} holds is not a token: it ${token === '' ? 'is empty' : 'has characters that no token has'}.`,
    'Put the token, and nothing else, there.',
  )
}

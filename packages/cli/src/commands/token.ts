import { resolve } from 'node:path'
import { CommandError, usageError } from '../failure/command-error.js'
import { printable } from '../failure/printable.js'
import { remark } from '../output/remark.js'
import { writeStandardOutput } from '../output/standard-output.js'
import type { GlobalOptions } from '../settings/settings.js'

export interface CreateTokenFlags extends GlobalOptions {
  readonly tokens: string
  readonly user: string
  readonly namespace?: string
  readonly scope?: readonly string[]
  readonly days?: number
}

const DAY_MS = 24 * 60 * 60 * 1000

/** `opcache token create`: the token is the one line of stdout; nobody can find it out again. */
export async function createToken(flags: CreateTokenFlags): Promise<void> {
  const { user, namespace, days, json } = flags
  const { addToken, isScope, SCOPES } = await import('@opcache/server')
  const unknown = flags.scope?.find(name => !isScope(name))
  if (unknown !== undefined) {
    throw usageError(`There is no scope "${printable(unknown)}".`, `There are: ${SCOPES.join(', ')}.`)
  }
  const path = resolve(flags.tokens)
  const token = await addToken(path, {
    user,
    ...(namespace !== undefined && { namespace }),
    ...(flags.scope && { scopes: flags.scope.filter(isScope) }),
    ...(days !== undefined && { expiresAt: new Date(Date.now() + days * DAY_MS) }),
  }).catch(error => {
    throw notWritable(path, error)
  })
  await writeStandardOutput(`${json ? JSON.stringify({ token, tokens: path }) : token}\n`)
  await remark(`Added to ${path}. Keep it: only its hash is there.`, flags)
}

function notWritable(path: string, error: Error): CommandError {
  return new CommandError(
    'token-unreadable',
    error.name === 'AuthError' ? error.message : `The token cannot be added to ${path}: ${error.message}.`,
    'Check --tokens, --user and --namespace, and the permissions of the file.',
    error,
  )
}

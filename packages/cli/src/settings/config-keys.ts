import { resolve } from 'node:path'
import { didYouMean } from '../failure/closest-name.js'
import { usageError } from '../failure/command-error.js'
import { parseSeconds } from './seconds.js'

/** What the configuration file may hold. */
export interface Config {
  /** Address of the server. */
  server?: string
  /** Path of a file that holds the token. */
  'token-file'?: string
  /** Folder that the embedded server caches in. */
  'cache-dir'?: string
  /** Seconds to go on trying while the server is out of reach. */
  'reconnect-timeout'?: number
}

export type ConfigKey = keyof Config

interface KeyRow {
  readonly summary: string
  /** @throws CommandError, ServerUrlError */
  parse(text: string): string | number | Promise<string>
}

/** Every key with its meaning and the reading of its value. */
export const CONFIG_KEYS: Readonly<Record<ConfigKey, KeyRow>> = {
  server: { summary: 'address of the server', parse: parseServer },
  'token-file': { summary: 'path of a file that holds the token', parse: parsePath },
  'cache-dir': { summary: 'folder that results are cached in when there is no server', parse: parsePath },
  'reconnect-timeout': {
    summary: 'seconds to go on trying while the server is out of reach',
    parse: text => parseSeconds('reconnect-timeout', text),
  },
}

/** A key as it was typed. @throws CommandError for a key that does not exist */
export function parseConfigKey(text: string): ConfigKey {
  if (Object.hasOwn(CONFIG_KEYS, text)) return text as ConfigKey
  const names = Object.keys(CONFIG_KEYS)
  const suggestion = didYouMean(text, names)
  const advice = `The keys are: ${names.join(', ')}.`
  throw usageError(
    `There is no configuration key "${text}".`,
    suggestion ? `${suggestion} ${advice}` : advice,
  )
}

async function parseServer(text: string): Promise<string> {
  const { Opcache } = await import('@opcache/sdk')
  new Opcache({ server: text }).close()
  return text
}

function parsePath(text: string): string {
  if (text === '')
    throw usageError('The path is empty.', 'Give one, or remove the key with `opcache config unset`.')
  // The command may be run from anywhere, so a relative path would mean another file each time.
  return resolve(text)
}

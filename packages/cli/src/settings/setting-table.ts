import { resolve } from 'node:path'
import { didYouMean } from '../failure/closest-name.js'
import { usageError } from '../failure/command-error.js'
import { CONNECTIONS_RULE, connectionsOf } from './connections.js'
import type { Folders } from './folders.js'
import { bytesPerSecondOf, RATE_RULE } from './rate.js'
import { parseSeconds } from './seconds.js'
import { bytesOf, SIZE_RULE } from './size.js'

/** Every setting, by the name that flags and files have for it. */
export interface SettingValues {
  /** Address of the server. */
  server: string
  /** Path of a file that holds the token. */
  'token-file': string
  /** Folder that the embedded server caches in. */
  'cache-dir': string
  /** Bytes that the embedded server keeps. */
  'cache-max-size': number
  /** Seconds to go on trying while the server is out of reach. */
  'reconnect-timeout': number
  /** Bytes a second. */
  'limit-rate': number
  /** Parts of a file sent at a time at most. */
  connections: number
}

export type SettingName = keyof SettingValues

/** Settings that have no value unless they are set. */
export type OptionalSetting = 'server' | 'token-file' | 'limit-rate'

/** The folders that defaults are made of. */
export type DefaultFolders = Pick<Folders, 'cache'>

interface SettingRow<Name extends SettingName> {
  readonly summary: string
  readonly variable: string
  /** What holds while it is not set: told in words where it is no value. */
  readonly byDefault: Name extends OptionalSetting ? string : (folders: DefaultFolders) => SettingValues[Name]
  /** Whether a project's file must not choose it: it comes with files that others wrote. */
  readonly isPersonal?: boolean
  /** Reads a value; `folder` is where a path starts. `label` is told in errors. @throws CommandError */
  parse(text: string, label: string, folder: string): SettingValues[Name]
}

/** Every setting with its meaning and the reading of its value. */
export const SETTINGS: { readonly [Name in SettingName]: SettingRow<Name> } = {
  server: {
    summary: 'address of the server',
    variable: 'OPCACHE_SERVER',
    byDefault: 'an embedded one',
    parse: text => text,
  },
  'token-file': {
    summary: 'path of a file that holds the token',
    variable: 'OPCACHE_TOKEN_FILE',
    byDefault: 'none',
    isPersonal: true,
    parse: parsePath,
  },
  'cache-dir': {
    summary: 'folder that results are cached in when there is no server',
    variable: 'OPCACHE_CACHE_DIR',
    byDefault: ({ cache }) => cache,
    parse: parsePath,
  },
  'cache-max-size': {
    summary:
      'bytes that the cache keeps when there is no server, such as 50G: the least recently used goes first',
    variable: 'OPCACHE_CACHE_MAX_SIZE',
    // What a disk of today does not miss.
    byDefault: () => 20e9,
    parse: parseSize,
  },
  'reconnect-timeout': {
    summary: 'seconds to go on trying while the server is out of reach',
    variable: 'OPCACHE_RECONNECT_TIMEOUT',
    // A network that is gone for longer is worth a look.
    byDefault: () => 600,
    parse: (text, label) => parseSeconds(label, text),
  },
  'limit-rate': {
    summary: 'bytes a second at most, such as 2M',
    variable: 'OPCACHE_LIMIT_RATE',
    byDefault: 'unlimited',
    parse: parseRate,
  },
  connections: {
    summary: 'parts of a file that are sent at a time at most',
    variable: 'OPCACHE_CONNECTIONS',
    byDefault: () => 16,
    parse: parseConnections,
  },
}

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[]

/** A setting's name as it was typed. @throws CommandError for one that does not exist */
export function parseSettingName(text: string): SettingName {
  if (Object.hasOwn(SETTINGS, text)) return text as SettingName
  if (text === 'token') {
    throw usageError(
      'A token is no setting: the configuration is not the place for secrets.',
      'Store it with `opcache login`, or name a file that holds it: `opcache config set token-file <path>`.',
    )
  }
  throw usageError(`There is no configuration key "${text}".`, settingAdvice(text))
}

/** What was probably meant, and what there is. */
export function settingAdvice(text: string): string {
  const suggestion = didYouMean(text, SETTING_NAMES)
  const advice = `The keys are: ${SETTING_NAMES.join(', ')}.`
  return suggestion ? `${suggestion} ${advice}` : advice
}

function parsePath(text: string, label: string, folder: string): string {
  if (text === '')
    throw usageError(`${label} is empty.`, 'Give a path, or remove it: `opcache config unset <key>`.')
  return resolve(folder, text)
}

function parseSize(text: string, label: string): number {
  const size = bytesOf(text)
  if (size !== undefined && size > 0) return size
  throw usageError(`${label} is ${SIZE_RULE}, not "${text}".`, 'Give one like 500M, 20G or 1T.')
}

function parseRate(text: string, label: string): number {
  const rate = bytesPerSecondOf(text)
  if (rate !== undefined) return rate
  throw usageError(`${label} is ${RATE_RULE}, not "${text}".`, 'Give one like 500k, 2M or 1G.')
}

function parseConnections(text: string, label: string): number {
  const connections = connectionsOf(text)
  if (connections !== undefined) return connections
  throw usageError(`${label} is ${CONNECTIONS_RULE}, not "${text}".`, 'Give one like 4.')
}

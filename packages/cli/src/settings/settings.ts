import { type Folders, userFolders } from './folders.js'
import { type ResolvedSettings, resolvePlaces } from './resolved.js'
import { readSettingsFiles, type SettingsFile } from './settings-file.js'
import { storedTokenFile, type TokenSource, tokenSource } from './token.js'
import { assertVariablesSpelt } from './variables.js'

/** The options that every command takes. */
export interface GlobalOptions {
  readonly server?: string
  readonly tokenFile?: string
  readonly cacheDir?: string
  /** Seconds. */
  readonly reconnectTimeout?: number
  /** Bytes a second. */
  readonly limitRate?: number
  /** Parts of a file sent at a time at most. */
  readonly connections?: number
  readonly json?: boolean
  /** Implies `json`. */
  readonly jsonStream?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
}

/** How this command works, from flags, environment, files and defaults, in this order. */
export interface Settings {
  /** Address of the server; undefined: one is embedded. */
  readonly server: string | undefined
  readonly token: TokenSource | undefined
  /** Folder of the embedded server. */
  readonly cacheDir: string
  /** Bytes that it keeps. */
  readonly cacheMaxBytes: number
  readonly reconnectTimeoutMs: number
  /** Bytes a second. */
  readonly limitRate: number | undefined
  /** Parts of a file sent at a time at most. */
  readonly connections: number
  /** Where the identities of large files are remembered; undefined: nowhere. */
  readonly identityFolder: string | undefined
  /** What is in force, and where it was set. */
  readonly resolved: ResolvedSettings
  readonly isVerbose: boolean
}

/** The settings of this process. @throws CommandError */
export function loadSettings(options: GlobalOptions): Settings {
  const folders = userFolders()
  return resolveSettings(options, process.env, readSettingsFiles(folders.configFile), folders)
}

/** Decides by precedence. @throws CommandError */
export function resolveSettings(
  options: GlobalOptions,
  env: NodeJS.ProcessEnv,
  files: readonly SettingsFile[],
  folders: Pick<Folders, 'cache' | 'tokens' | 'identities'>,
): Settings {
  assertVariablesSpelt(env)
  const resolved = resolvePlaces({ flags: flagValues(options), env, files, folders })
  const server = resolved.server?.value
  return {
    server,
    token: server === undefined ? undefined : tokenSource(resolved, env, storedTokenFile(folders, server)),
    cacheDir: resolved['cache-dir'].value,
    cacheMaxBytes: resolved['cache-max-size'].value,
    reconnectTimeoutMs: resolved['reconnect-timeout'].value * 1000,
    limitRate: resolved['limit-rate']?.value,
    connections: resolved.connections.value,
    identityFolder: folders.identities,
    resolved,
    isVerbose: options.verbose ?? false,
  }
}

function flagValues({
  server,
  tokenFile,
  cacheDir,
  reconnectTimeout,
  limitRate,
  connections,
}: GlobalOptions) {
  return {
    ...(server !== undefined && { server }),
    ...(tokenFile !== undefined && { 'token-file': tokenFile }),
    ...(cacheDir !== undefined && { 'cache-dir': cacheDir }),
    ...(reconnectTimeout !== undefined && { 'reconnect-timeout': reconnectTimeout }),
    ...(limitRate !== undefined && { 'limit-rate': limitRate }),
    ...(connections !== undefined && { connections }),
  }
}

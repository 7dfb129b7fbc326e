import { readConfig } from './config-file.js'
import type { Config } from './config-keys.js'
import { type Folders, userFolders } from './folders.js'
import { parseSeconds } from './seconds.js'
import type { TokenSource } from './token.js'

/** The options that every command takes. */
export interface GlobalOptions {
  readonly server?: string
  readonly tokenFile?: string
  /** Seconds. */
  readonly reconnectTimeout?: number
  /** Bytes a second. */
  readonly limitRate?: number
  readonly json?: boolean
  readonly quiet?: boolean
}

/** How this command works, from flags, environment, configuration and defaults, in this order. */
export interface Settings {
  /** Address of the server; undefined: one is embedded. */
  readonly server: string | undefined
  readonly token: TokenSource | undefined
  /** Folder of the embedded server. */
  readonly cacheDir: string
  readonly reconnectTimeoutMs: number
  /** Bytes a second. */
  readonly limitRate: number | undefined
}

/** A network that is gone for longer is worth a look. */
const RECONNECT_TIMEOUT_SECONDS = 120

/** The settings of this process. @throws CommandError */
export async function loadSettings(options: GlobalOptions): Promise<Settings> {
  const folders = userFolders()
  return resolveSettings(options, process.env, await readConfig(folders.configFile), folders)
}

/** Decides by precedence. An environment variable that is empty counts as not set. @throws CommandError */
export function resolveSettings(
  options: GlobalOptions,
  env: NodeJS.ProcessEnv,
  config: Config,
  folders: Pick<Folders, 'cache'>,
): Settings {
  const { OPCACHE_RECONNECT_TIMEOUT: reconnect } = env
  const seconds =
    options.reconnectTimeout ??
    (reconnect ? parseSeconds('OPCACHE_RECONNECT_TIMEOUT', reconnect) : undefined) ??
    config['reconnect-timeout'] ??
    RECONNECT_TIMEOUT_SECONDS
  return {
    server: options.server ?? (env.OPCACHE_SERVER || config.server),
    token: tokenSource(options, env, config),
    cacheDir: env.OPCACHE_CACHE_DIR || config['cache-dir'] || folders.cache,
    reconnectTimeoutMs: seconds * 1000,
    limitRate: options.limitRate,
  }
}

function tokenSource(
  options: GlobalOptions,
  env: NodeJS.ProcessEnv,
  config: Config,
): TokenSource | undefined {
  if (options.tokenFile !== undefined) return { kind: 'file', path: options.tokenFile }
  if (env.OPCACHE_TOKEN) return { kind: 'value', token: env.OPCACHE_TOKEN, origin: 'OPCACHE_TOKEN' }
  const path = env.OPCACHE_TOKEN_FILE || config['token-file']
  return path ? { kind: 'file', path } : undefined
}

import type { Limits } from '../engine/limits.js'
import type { Operation } from '../operations/operation.js'

/** What a configuration file, `opcache.config.mjs`, has as its default export. */
export interface ServerConfig {
  /** Operations beside those that the server has anyway. Each runs in processes of its own, functions too. */
  readonly operations?: readonly Operation[]
  /** Attempts that run at a time. @default the number of processors */
  readonly concurrency?: number
  /** What bounds the server. */
  readonly limits?: Partial<Limits>
}

/** Types the default export of a configuration file. */
export function defineConfig(config: ServerConfig): ServerConfig {
  return config
}

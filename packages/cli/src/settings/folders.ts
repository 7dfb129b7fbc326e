import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** Where the user's files of this program are, by the conventions of the system (XDG on Linux). */
export interface Folders {
  /** The configuration file. */
  readonly configFile: string
  /** What the embedded server caches. */
  readonly cache: string
  /** What `serve` keeps. */
  readonly data: string
}

export function userFolders(): Folders {
  const paths = envPaths('opcache', { suffix: '' })
  return {
    configFile: resolve(join(paths.config, 'config.json')),
    cache: resolve(paths.cache),
    data: resolve(paths.data),
  }
}

import { join, resolve } from 'node:path'
import envPaths from 'env-paths'

/** Where the user's files of this program are, by the conventions of the system (XDG on Linux). */
export interface Folders {
  /** The configuration file. */
  readonly configFile: string
  /** One file for each server that was logged in to. */
  readonly tokens: string
  /** What the embedded server caches. */
  readonly cache: string
  /** What each server could do when it was last asked. */
  readonly capabilities: string
  /** What large files were when they were last hashed. */
  readonly identities: string
  /** What was run. */
  readonly notes: string
  /** What `serve` keeps. */
  readonly data: string
}

export function userFolders(): Folders {
  const paths = envPaths('opcache', { suffix: '' })
  return {
    configFile: resolve(join(paths.config, 'config.json')),
    tokens: resolve(join(paths.config, 'tokens')),
    cache: resolve(paths.cache),
    capabilities: resolve(join(paths.cache, 'capabilities')),
    identities: resolve(join(paths.cache, 'identities')),
    notes: resolve(join(paths.log, 'runs')),
    data: resolve(paths.data),
  }
}

/** What Node keeps of the program itself. */
export function compiledFolder(): string {
  return join(userFolders().cache, 'compiled')
}

import type { GlobalOptions } from './settings.js'

/** What was typed of the server, the token and the cache, as words that another command takes. */
export function serverFlags({ server, tokenFile, cacheDir }: GlobalOptions): string[] {
  return [
    ...(server === undefined ? [] : ['--server', server]),
    ...(tokenFile === undefined ? [] : ['--token-file', tokenFile]),
    ...(cacheDir === undefined ? [] : ['--cache-dir', cacheDir]),
  ]
}

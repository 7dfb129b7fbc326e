import type { ServerConfig } from '@opcache/server'
import { CommandError } from '../failure/command-error.js'

/**
 * The server's configuration: the file that was named, else `opcache.config.mjs` of the current folder, where there is
 * one; what it adds to the operations that every server of the command line has.
 *
 * @throws CommandError
 */
export async function readServerConfig(named?: string): Promise<ServerConfig> {
  const [{ loadConfig, ConfigError }, { operations }] = await Promise.all([
    import('@opcache/server'),
    import('@opcache/operations'),
  ])
  const config = await loadConfig(process.cwd(), named).catch(error => {
    if (!(error instanceof ConfigError)) throw error
    throw new CommandError(
      'config-unreadable',
      error.message,
      'docs/operations.md shows what a configuration file has; `opcache serve --config <file>` names another.',
      error,
    )
  })
  const own = new Set(config.operations?.map(({ name }) => name))
  // An operation of the user's takes the place of a ready one of the same name.
  return {
    ...config,
    operations: [...operations.filter(({ name }) => !own.has(name)), ...(config.operations ?? [])],
  }
}

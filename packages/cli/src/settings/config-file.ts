import { existsSync } from 'node:fs'
import { basename, dirname, extname } from 'node:path'
import type Conf from 'conf'
import { CommandError } from '../failure/command-error.js'
import type { Config } from './config-keys.js'

/** What to do where the system does not let it be read or written. */
export const ACCESS_ADVICE = 'Check the permissions of its folder, or set XDG_CONFIG_HOME to another one.'

/** What is configured; nothing is loaded where there is no file. @throws CommandError when the file is damaged */
export async function readConfig(file: string): Promise<Config> {
  return existsSync(file) ? { ...(await openConfig(file)).store } : {}
}

/** The configuration file, for reading and writing. @throws CommandError when the file is damaged */
export async function openConfig(file: string): Promise<Conf<{ [key in keyof Config]: Config[key] }>> {
  const { default: Conf } = await import('conf')
  try {
    return new Conf({
      cwd: dirname(file),
      configName: basename(file, extname(file)),
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      clearInvalidConfig: false,
    })
  } catch (error) {
    const { message, code, syscall } = error as NodeJS.ErrnoException
    throw new CommandError(
      'config-unreadable',
      // A file that is not there yet is made at once, with its folder.
      `The configuration file ${file} cannot be ${syscall === 'mkdir' ? 'written' : 'read'}: ${message}.`,
      code === undefined ? 'Mend it or delete it.' : ACCESS_ADVICE,
      error,
    )
  }
}

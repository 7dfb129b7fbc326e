import { basename, dirname, extname } from 'node:path'
import { CommandError } from '../failure/command-error.js'
import type { SettingName } from './setting-table.js'
import { ACCESS_ADVICE } from './settings-file.js'

type Values = Partial<Record<SettingName, string | number>>

/** Changes the user's file, which appears whole or not at all, and is readable by its user only. @throws CommandError */
export async function changeUserFile(file: string, change: (values: Values) => Values): Promise<void> {
  const { default: Conf } = await import('conf')
  try {
    const conf = new Conf<Values>({
      cwd: dirname(file),
      configName: basename(file, extname(file)),
      configFileMode: 0o600,
      accessPropertiesByDotNotation: false,
      clearInvalidConfig: false,
    })
    conf.store = change({ ...conf.store })
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw new CommandError(
      'config-unreadable',
      `The configuration file ${file} cannot be changed: ${message}.`,
      code === undefined ? 'Mend it or delete it.' : ACCESS_ADVICE,
      error,
    )
  }
}

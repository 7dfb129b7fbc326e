import { CommandError } from '../failure/command-error.js'
import { printable } from '../failure/printable.js'
import { writeJson } from '../output/json-output.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { userFolders } from '../settings/folders.js'
import { originText } from '../settings/resolved.js'
import { parseSettingName, SETTING_NAMES, SETTINGS } from '../settings/setting-table.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { changeUserFile } from '../settings/user-file.js'

export interface ConfigListFlags extends GlobalOptions {
  readonly showOrigin?: boolean
}

/** `opcache config get`: prints the value in force. */
export async function getConfig(name: string, flags: GlobalOptions): Promise<void> {
  const key = parseSettingName(name)
  const value = loadSettings(flags).resolved[key]?.value
  if (value === undefined) {
    throw new CommandError(
      'config-not-set',
      `"${key}" is not configured.`,
      `Set it with \`opcache config set ${key} <value>\`; until then it is: ${SETTINGS[key].byDefault}.`,
    )
  }
  if (flags.json) await writeJson(flags, 'result', { [key]: value })
  else await writeStandardOutput(`${value}\n`)
}

/** `opcache config set`: keeps a value in the user's file. */
export async function setConfig(name: string, text: string): Promise<void> {
  const key = parseSettingName(name)
  const value = SETTINGS[key].parse(text, key, '.')
  if (key === 'server') await assertServer(text)
  await changeUserFile(userFolders().configFile, values => ({ ...values, [key]: value }))
}

/** `opcache config unset`: forgets a value of the user's file; one that is not there is fine. */
export async function unsetConfig(name: string): Promise<void> {
  const key = parseSettingName(name)
  await changeUserFile(userFolders().configFile, ({ [key]: _, ...others }) => others)
}

/** `opcache config list`: prints what is set, wherever that is. */
export async function listConfig(flags: ConfigListFlags): Promise<void> {
  const { resolved } = loadSettings(flags)
  const set = SETTING_NAMES.flatMap(name => {
    const found = resolved[name]
    return found ? [{ name, value: found.value, origin: originText(found.origin) }] : []
  })
  if (flags.json) {
    const members = set.map(({ name, value, origin }) => [name, flags.showOrigin ? { value, origin } : value])
    return writeJson(flags, 'result', Object.fromEntries(members))
  }
  const lines = set.map(({ name, value, origin }) =>
    printable(flags.showOrigin ? `${name} = ${value}  (${origin})` : `${name} = ${value}`).concat('\n'),
  )
  await writeStandardOutput(lines.join(''))
}

/** `opcache config path`: prints where the user's file is, or will be. */
export async function configPath(): Promise<void> {
  await writeStandardOutput(`${userFolders().configFile}\n`)
}

async function assertServer(text: string): Promise<void> {
  const { Opcache } = await import('@opcache/sdk')
  new Opcache({ server: text }).close()
}

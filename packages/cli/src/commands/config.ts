import { Opcache } from '@opcache/sdk'
import { CommandError } from '../failure/command-error.js'
import { printable } from '../failure/printable.js'
import { fitted } from '../output/fitted.js'
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
      `"${key}" is not set, and has no value then (${SETTINGS[key].byDefault}).`,
      `Set it with \`opcache config set ${key} <value>\`.`,
    )
  }
  if (flags.json) await writeJson(flags, 'result', { [key]: value })
  else await writeStandardOutput(`${value}\n`)
}

/** `opcache config set`: keeps a value in the user's file. */
export async function setConfig(name: string, text: string): Promise<void> {
  const key = parseSettingName(name)
  const value = SETTINGS[key].parse(text, key, '.')
  if (key === 'server') assertServer(text)
  await changeUserFile(userFolders().configFile, values => ({ ...values, [key]: value }))
}

/** `opcache config unset`: forgets a value of the user's file; one that is not there is fine. */
export async function unsetConfig(name: string): Promise<void> {
  const key = parseSettingName(name)
  await changeUserFile(userFolders().configFile, ({ [key]: _, ...others }) => others)
}

/** `opcache config list`: prints what is in force, set or not. */
export async function listConfig(flags: ConfigListFlags): Promise<void> {
  const { resolved } = loadSettings(flags)
  const settings = SETTING_NAMES.map(name => {
    const { value = null, origin = { kind: 'default' } as const } = resolved[name] ?? {}
    return { name, value, origin: originText(origin) }
  })
  if (flags.json) {
    const members = settings.map(({ name, value, origin }) => [
      name,
      flags.showOrigin ? { value, origin } : value,
    ])
    return writeJson(flags, 'result', Object.fromEntries(members))
  }
  const lines = settings.map(({ name, value, origin }) => {
    const told = `${name} = ${value ?? SETTINGS[name].byDefault}`
    return printable(flags.showOrigin ? `${told}  (${origin})` : told).concat('\n')
  })
  await writeStandardOutput(await fitted(process.stdout, lines.join(''), 2))
}

/** `opcache config path`: prints where the user's file is, or will be. */
export async function configPath(): Promise<void> {
  await writeStandardOutput(`${userFolders().configFile}\n`)
}

function assertServer(text: string): void {
  new Opcache({ server: text }).close()
}

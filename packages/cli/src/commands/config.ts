import { CommandError } from '../failure/command-error.js'
import { writeJson } from '../output/run-reporter.js'
import { writeStandardOutput } from '../output/standard-output.js'
import { ACCESS_ADVICE, openConfig, readConfig } from '../settings/config-file.js'
import { CONFIG_KEYS, type ConfigKey, parseConfigKey } from '../settings/config-keys.js'
import { userFolders } from '../settings/folders.js'
import type { GlobalOptions } from '../settings/settings.js'

/** `opcache config get`: prints a value. */
export async function getConfig(name: string, flags: GlobalOptions): Promise<void> {
  const key = parseConfigKey(name)
  const value = (await readConfig(userFolders().configFile))[key]
  if (value === undefined) {
    throw new CommandError(
      'config-not-set',
      `"${key}" is not configured.`,
      `Set it with \`opcache config set ${key} <value>\`.`,
    )
  }
  if (flags.json) await writeJson({ [key]: value })
  else await writeStandardOutput(`${value}\n`)
}

/** `opcache config set`: keeps a value. */
export async function setConfig(name: string, text: string): Promise<void> {
  const key = parseConfigKey(name)
  const value = await CONFIG_KEYS[key].parse(text)
  await write(config => config.set({ [key]: value }))
}

/** `opcache config unset`: forgets a value; one that is not there is fine. */
export async function unsetConfig(name: string): Promise<void> {
  const key = parseConfigKey(name)
  await write(config => config.delete(key))
}

/** `opcache config list`: prints what is configured. */
export async function listConfig(flags: GlobalOptions): Promise<void> {
  const config = await readConfig(userFolders().configFile)
  if (flags.json) return writeJson(config)
  const known = (Object.keys(CONFIG_KEYS) as ConfigKey[]).filter(key => config[key] !== undefined)
  await writeStandardOutput(known.map(key => `${key} = ${config[key]}\n`).join(''))
}

/** `opcache config path`: prints where the configuration file is, or will be. */
export async function configPath(): Promise<void> {
  await writeStandardOutput(`${userFolders().configFile}\n`)
}

async function write(change: (config: Awaited<ReturnType<typeof openConfig>>) => void): Promise<void> {
  const file = userFolders().configFile
  const config = await openConfig(file)
  try {
    change(config)
  } catch (error) {
    throw new CommandError(
      'config-unreadable',
      `The configuration file ${file} cannot be written: ${(error as Error).message}.`,
      ACCESS_ADVICE,
      error,
    )
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { up } from 'empathic/find'
import { didYouMean } from '../failure/closest-name.js'
import { CommandError } from '../failure/command-error.js'
import { SETTING_NAMES, SETTINGS, type SettingName, settingAdvice } from './setting-table.js'

/** What a project's file is called; the nearest one upwards counts. */
export const PROJECT_FILE = '.opcacherc.json'

/** What to do where the system does not let a file be read or written. */
export const ACCESS_ADVICE = 'Check the permissions of its folder, or set XDG_CONFIG_HOME to another one.'

/** A file of settings, as it was read. */
export interface SettingsFile {
  readonly path: string
  readonly isProject: boolean
  readonly values: Partial<Record<SettingName, string | number>>
}

/** The files that are there, the nearest first: the project's, the user's. @throws CommandError when one is damaged */
export function readSettingsFiles(userFile: string, folder: string = process.cwd()): SettingsFile[] {
  const projectFile = up(PROJECT_FILE, { cwd: folder })
  const files = []
  if (projectFile !== undefined) files.push(readSettingsFile(projectFile, true))
  if (existsSync(userFile)) files.push(readSettingsFile(userFile, false))
  return files
}

function readSettingsFile(path: string, isProject: boolean): SettingsFile {
  const values = parseFile(path)
  for (const [name, value] of Object.entries(values)) {
    if (!Object.hasOwn(SETTINGS, name)) throw unknownKey(path, name)
    const setting = SETTINGS[name as SettingName]
    if (isProject && setting.isPersonal) throw personalKey(path, name)
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw unusable(path, `"${name}" is neither a text nor a number`)
    }
    setting.parse(String(value), `"${name}" in ${path}`, dirname(path))
  }
  return { path, isProject, values }
}

function parseFile(path: string): Record<string, unknown> {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    throw unusable(path, message, code === undefined ? undefined : ACCESS_ADVICE, error)
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) {
    return document as Record<string, unknown>
  }
  throw unusable(path, 'it is no JSON object')
}

function unusable(path: string, reason: string, advice = 'Mend it or delete it.', cause?: unknown): Error {
  const message = `The configuration file ${path} cannot be read: ${reason}.`
  return new CommandError('config-unreadable', message, advice, cause)
}

function unknownKey(path: string, name: string): Error {
  return new CommandError(
    'config-unreadable',
    `The configuration file ${path} has a key that does not exist: "${name}".`,
    didYouMean(name, SETTING_NAMES) ?? settingAdvice(name),
  )
}

function personalKey(path: string, name: string): Error {
  return new CommandError(
    'config-unreadable',
    `The configuration file ${path} must not have the key "${name}": a project could read your secrets by it.`,
    `Remove it there, and set it for yourself: \`opcache config set ${name} <value>\`.`,
  )
}

import { dirname } from 'node:path'
import {
  type DefaultFolders,
  type OptionalSetting,
  SETTINGS,
  type SettingName,
  type SettingValues,
} from './setting-table.js'
import type { SettingsFile } from './settings-file.js'

/** Where a value comes from. */
export type Origin =
  | { readonly kind: 'flag'; readonly name: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'project' | 'user'; readonly path: string }
  | { readonly kind: 'default' }

/** A value in force. */
export interface Resolved<Value> {
  readonly value: Value
  readonly origin: Origin
}

/** The settings in force. */
export type ResolvedSettings = {
  readonly [Name in Exclude<SettingName, OptionalSetting>]: Resolved<SettingValues[Name]>
} & {
  readonly [Name in OptionalSetting]?: Resolved<SettingValues[Name]>
}

/** Everything that settings come from; of flags, the values as the options were read. */
export interface SettingPlaces {
  readonly flags: Partial<SettingValues>
  readonly env: NodeJS.ProcessEnv
  /** The nearest first. */
  readonly files: readonly SettingsFile[]
  readonly folders: DefaultFolders
}

/** Flags before the environment, before files, before defaults. A variable that is empty counts as not set. @throws CommandError */
export function resolvePlaces(places: SettingPlaces): ResolvedSettings {
  const names = Object.keys(SETTINGS) as SettingName[]
  const found = names.map(name => [name, resolveOne(name, places)] as const)
  return Object.fromEntries(found.filter(([, resolved]) => resolved !== undefined)) as ResolvedSettings
}

/** As people read it. */
export function originText(origin: Origin): string {
  if (origin.kind === 'default') return 'default'
  return 'path' in origin ? origin.path : origin.name
}

function resolveOne(
  name: SettingName,
  { flags, env, files, folders }: SettingPlaces,
): Resolved<unknown> | undefined {
  const { variable, parse, byDefault } = SETTINGS[name]
  const flag = flags[name]
  if (flag !== undefined) return { value: flag, origin: { kind: 'flag', name: `--${name}` } }
  const text = env[variable]
  if (text) return { value: parse(text, variable, '.'), origin: { kind: 'variable', name: variable } }
  for (const { path, isProject, values } of files) {
    const value = values[name]
    if (value === undefined) continue
    return {
      value: parse(String(value), name, dirname(path)),
      origin: { kind: isProject ? 'project' : 'user', path },
    }
  }
  if (typeof byDefault === 'string') return undefined
  return { value: byDefault(folders), origin: { kind: 'default' } }
}

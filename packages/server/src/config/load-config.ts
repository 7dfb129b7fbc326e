import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DEFAULT_LIMITS } from '../engine/limits.js'
import { checkDeclaration } from '../operations/check-declaration.js'
import type { Operation } from '../operations/operation.js'
import { unknownName } from '../operations/unknown-name.js'
import { ConfigError } from './config-error.js'
import type { ServerConfig } from './server-config.js'

/** The configuration file that is read where nobody names one. */
export const CONFIG_FILE = 'opcache.config.mjs'

const MEMBERS = ['operations', 'concurrency', 'limits']

/**
 * Reads a configuration file: the one that is named, else `opcache.config.mjs` of `folder`, where there is one.
 * Operations whose `run` is a function are isolated: their process loads the file again and takes the function from it.
 *
 * @throws ConfigError
 */
export async function loadConfig(folder: string, named?: string): Promise<ServerConfig> {
  const path = resolve(folder, named ?? CONFIG_FILE)
  const stats = await stat(path).catch(() => undefined)
  if (!stats?.isFile()) {
    if (named === undefined) return {}
    throw new ConfigError(`There is no configuration file ${path}.`)
  }
  // What lies about in a folder that others may write to is not run without being named.
  const isOwn = process.getuid === undefined || [0, process.getuid()].includes(stats.uid)
  if (named === undefined && (!isOwn || (stats.mode & 0o002) !== 0)) {
    throw new ConfigError(
      `The configuration file ${path} belongs to somebody else, or can be written by anybody. Name it to use it, or make it yours.`,
    )
  }
  return checkConfig(await importConfig(path), path)
}

async function importConfig(path: string): Promise<unknown> {
  try {
    return ((await import(pathToFileURL(path).href)) as { default?: unknown }).default
  } catch (error) {
    throw new ConfigError(`The configuration file ${path} failed${placeIn(path, error)}: ${thrown(error)}`, {
      cause: error,
    })
  }
}

function checkConfig(value: unknown, path: string): ServerConfig {
  const refuse = (reason: string) =>
    new ConfigError(`The configuration file ${path} cannot be used: ${reason}`)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse('its default export is no object. Write `export default { operations: [...] }`.')
  }
  const { operations = [], concurrency, limits = {}, ...unknown } = value as Record<string, unknown>
  const [name] = Object.keys(unknown)
  if (name !== undefined) throw refuse(`there is no setting ${unknownName(name, MEMBERS)}.`)
  if (!Array.isArray(operations)) throw refuse('"operations" is no list.')
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && (concurrency as number) > 0)) {
    throw refuse('"concurrency" is a whole number from 1.')
  }
  const known = Object.keys(DEFAULT_LIMITS)
  for (const [limit, amount] of Object.entries(limits as object)) {
    if (!known.includes(limit)) throw refuse(`there is no limit ${unknownName(limit, known)}.`)
    if (!(typeof amount === 'number' && amount >= 0))
      throw refuse(`the limit "${limit}" is no number from 0.`)
  }
  try {
    const checked = operations.map((each, index) =>
      isolated(checkDeclaration(each, `operations[${index}]`), path),
    )
    const config = value as ServerConfig
    return { ...config, operations: checked }
  } catch (error) {
    throw refuse((error as Error).message)
  }
}

/** The same operation, in a process of its own. */
function isolated(operation: Operation, path: string): Operation {
  if (!('run' in operation)) return operation
  const { run: _, ...declaration } = operation
  return { ...declaration, module: path }
}

/** `, line 3, column 5`, where the error tells. */
function placeIn(path: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const found = stack.split(/\n/).find(line => line.includes(path))
  const [, line, column] = /:(\d+)(?::(\d+))?\)?$/.exec(found ?? '') ?? []
  if (line === undefined) return ''
  return column === undefined ? ` in line ${line}` : ` in line ${line}, column ${column}`
}

function thrown(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}

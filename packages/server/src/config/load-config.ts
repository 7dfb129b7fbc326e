import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { DEFAULT_LIMITS } from '../engine/limits.js'
import { checkDeclaration, DeclarationError } from '../operations/check-declaration.js'
import { modulePath } from '../operations/module-path.js'
import type { Operation } from '../operations/operation.js'
import { OperationRegistry } from '../operations/registry.js'
import { withToolPath } from '../operations/tool-path.js'
import { unknownName } from '../operations/unknown-name.js'
import { ConfigError } from './config-error.js'
import { importConfig } from './import-config.js'
import type { ServerConfig } from './server-config.js'

/** The configuration file that is read where nobody names one. */
export const CONFIG_FILE = 'opcache.config.mjs'

const OPERATION_MEMBERS = [
  ...['name', 'version', 'summary', 'params', 'streaming', 'tools', 'limits'],
  ...['run', 'module', 'command', 'output'],
]

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
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits))
    throw refuse('"limits" is no object.')
  const known = Object.keys(DEFAULT_LIMITS)
  for (const [limit, amount] of Object.entries(limits)) {
    if (!known.includes(limit)) throw refuse(`there is no limit ${unknownName(limit, known)}.`)
    if (!(typeof amount === 'number' && amount >= 0))
      throw refuse(`the limit "${limit}" is no number from 0.`)
  }
  try {
    const checked = operations.map((each, index) =>
      isolated(refuseUnknown(checkDeclaration(each, `operations[${index}]`)), path),
    )
    OperationRegistry.check(checked)
    return { ...(value as ServerConfig), operations: checked }
  } catch (error) {
    throw refuse((error as Error).message)
  }
}

/** A member that is misspelt would be without any effect. @throws DeclarationError */
function refuseUnknown(operation: Operation): Operation {
  const unknown = Object.keys(operation).find(name => !OPERATION_MEMBERS.includes(name))
  if (unknown === undefined) return operation
  const named = unknownName(unknown, OPERATION_MEMBERS)
  throw new DeclarationError(`the operation "${operation.name}" has ${named}, which says nothing.`)
}

/** The same operation, in a process of its own; what it names is seen from the file's folder. @throws DeclarationError where there is no such module */
function isolated(operation: Operation, path: string): Operation {
  if ('module' in operation && operation.module !== undefined) {
    const module = modulePath(operation.module, dirname(path))
    if (existsSync(module)) return { ...operation, module }
    throw new DeclarationError(`there is no ${module}, which is the "module" of "${operation.name}".`)
  }
  if ('command' in operation && operation.command !== undefined) {
    return { ...operation, command: withToolPath(operation.command, dirname(path)) }
  }
  if (!('run' in operation && operation.run !== undefined)) return operation
  const { run: _, ...declaration } = operation
  return { ...declaration, module: path }
}

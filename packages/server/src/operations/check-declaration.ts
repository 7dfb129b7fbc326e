import { isAbsolute, normalize } from 'node:path'
import { COMMAND_PLACES, placesOf } from './command-line.js'
import { isMediaType } from './media-type.js'
import type { CommandOperation, CommandPart, Operation } from './operation.js'
import { unknownName } from './unknown-name.js'

/** As the protocol has it. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

const OUTPUT_MEMBERS = ['type', 'name', 'file']

const LIMITS = ['timeoutMs', 'outputBytes', 'memoryBytes', 'processes']

/** What is wrong with the declaration of an operation. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError'
}

/**
 * An operation that was declared somewhere without types, checked.
 *
 * @param place Where it stands, for the message: `operations[1]`.
 * @throws DeclarationError
 */
export function checkDeclaration(value: unknown, place: string): Operation {
  const declared = asObject(value)
  if (!declared) throw new DeclarationError(`${place} is ${told(value)}, not an operation.`)
  const where = typeof declared.name === 'string' ? `${place} ("${declared.name}")` : place
  const refuse = (reason: string) => new DeclarationError(`${where}: ${reason}`)
  if (typeof declared.name !== 'string' || !NAME.test(declared.name)) {
    throw refuse(`"name" is lower-case letters, digits, ".", "_" and "-", not ${told(declared.name)}.`)
  }
  for (const member of ['version', 'summary']) {
    const text = declared[member]
    if (typeof text !== 'string' || text === '')
      throw refuse(`"${member}" is a text that is not empty, not ${told(text)}.`)
  }
  if (typeof declared.streaming !== 'boolean') {
    throw refuse(`"streaming" is true or false, not ${told(declared.streaming)}.`)
  }
  const { tools = [] } = declared
  if (!(Array.isArray(tools) && tools.every(tool => typeof tool === 'string' && tool !== ''))) {
    throw refuse(`"tools" is a list of the names of tools, not ${told(tools)}.`)
  }
  const properties = checkParams(declared.params, refuse)
  checkLimits(declared.limits, refuse)
  checkWork(declared, properties, refuse)
  return value as Operation
}

type Refuse = (reason: string) => DeclarationError

/** Answers the names of the parameters. */
function checkParams(params: unknown, refuse: Refuse): string[] {
  const schema = asObject(params)
  if (schema?.type !== 'object') {
    throw refuse('"params" is a JSON Schema of an object, such as { type: "object", properties: {} }.')
  }
  return Object.keys(asObject(schema.properties) ?? {})
}

function checkLimits(limits: unknown, refuse: Refuse): void {
  if (limits === undefined) return
  const given = asObject(limits)
  if (!given) throw refuse(`"limits" is an object, not ${told(limits)}.`)
  for (const [name, limit] of Object.entries(given)) {
    if (!LIMITS.includes(name)) throw refuse(`there is no limit ${unknownName(name, LIMITS)}.`)
    if (limit !== undefined && !(typeof limit === 'number' && limit > 0)) {
      throw refuse(`the limit "${name}" is a number above 0, not ${told(limit)}.`)
    }
  }
}

function checkWork(declared: Record<string, unknown>, params: readonly string[], refuse: Refuse): void {
  const work = ['run', 'module', 'command'].filter(name => declared[name] !== undefined)
  if (work.length !== 1) {
    throw refuse('it has one of "run" (a function), "module" (a path) and "command" (a list of arguments).')
  }
  if (work[0] === 'run' && typeof declared.run !== 'function') {
    throw refuse(`"run" is a function, not ${told(declared.run)}.`)
  }
  if (work[0] === 'module' && typeof declared.module !== 'string') {
    throw refuse(`"module" is the path of a module, not ${told(declared.module)}.`)
  }
  if (work[0] === 'command') checkCommand(declared, params, refuse)
  if (work[0] === 'command' && declared.streaming && !isFilter(declared as unknown as CommandOperation)) {
    throw refuse(
      'only a command from stdin to stdout streams: one without {input}, {output} and "output.file".',
    )
  }
}

function isFilter({ command, output }: CommandOperation): boolean {
  const places = placesOf(command)
  return output.file === undefined && !places.includes('input') && !places.includes('output')
}

function checkCommand(
  { command, output }: Record<string, unknown>,
  params: readonly string[],
  refuse: Refuse,
): void {
  if (!isCommand(command)) {
    throw refuse('"command" is a list of texts, the name of the tool first; lists in it are left out whole.')
  }
  const reserved = COMMAND_PLACES.find(place => params.includes(place))
  if (reserved !== undefined) throw refuse(`no parameter of a command may be named "${reserved}".`)
  const known = [...COMMAND_PLACES, ...params]
  const unknown = placesOf(command).find(place => !known.includes(place))
  if (unknown !== undefined) {
    throw refuse(`"command" has a place for ${unknownName(unknown, known)}, which is no parameter.`)
  }
  checkOutput(output, refuse)
}

function checkOutput(value: unknown, refuse: Refuse): void {
  const output = asObject(value)
  if (!output) throw refuse('"output" says what comes out: { type: "image/png", name: "result.png" }.')
  checkMembers(output, OUTPUT_MEMBERS, refuse)
  const { type, name, file } = output
  if (type !== undefined && !isMediaType(type))
    throw refuse(`"output.type" is a media type, not ${told(type)}.`)
  if (name !== undefined && typeof name !== 'string')
    throw refuse(`"output.name" is a text, not ${told(name)}.`)
  if (file === undefined) return
  // Where that leads to the folder itself, or out of it, it begins with a dot.
  const isInside = typeof file === 'string' && !isAbsolute(file) && !/^\.\.?([/\\]|$)/.test(normalize(file))
  if (!isInside) throw refuse(`"output.file" is the name of a file in {folder}, not ${told(file)}.`)
}

/** A member that is misspelt would be without any effect. */
function checkMembers(value: object, known: readonly string[], refuse: Refuse): void {
  const unknown = Object.keys(value).find(name => !known.includes(name))
  if (unknown !== undefined) throw refuse(`there is no ${unknownName(unknown, known)}.`)
}

function isCommand(command: unknown): command is CommandPart[] {
  const isList = (value: unknown) =>
    Array.isArray(value) && value.length > 0 && value.every(text => typeof text === 'string')
  return (
    Array.isArray(command) &&
    typeof command[0] === 'string' &&
    command[0] !== '' &&
    placesOf([command[0]]).length === 0 &&
    command.every(part => typeof part === 'string' || isList(part))
  )
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined
}

function told(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  return value === undefined ? 'missing' : (JSON.stringify(value) ?? typeof value)
}

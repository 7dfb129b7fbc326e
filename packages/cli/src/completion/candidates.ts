import type { OperationDocument } from '@opcache/protocol'
import type { Command } from 'commander'
import { TOPICS } from '../help/topics.js'
import { schemaProperties } from '../operation/schema-properties.js'
import { SETTING_NAMES, SETTINGS } from '../settings/setting-table.js'
import { SHELLS } from './shells.js'
import { optionsOf, readTypedWords, type TypedWords } from './typed-words.js'

/** What a word may become, and what that means. */
export type Candidate = readonly [word: string, meaning: string]

/** What is known of the servers' operations. */
export type OperationsOf = (serverFlag: string | undefined) => Promise<readonly OperationDocument[]>

/** What the last of `words` may become. Nothing: the shell offers files. */
export async function candidatesFor(
  program: Command,
  words: readonly string[],
  operationsOf: OperationsOf,
): Promise<Candidate[]> {
  const typed = readTypedWords(program, words)
  const operations = () => operationsOf(typed.values.get('--server'))
  const all = await possible(program, typed, operations)
  return all
    .filter(([word]) => word.startsWith(typed.current))
    .map(([word, meaning]) => [`${typed.prefix}${word}`, meaning])
}

async function possible(
  program: Command,
  typed: TypedWords,
  operations: () => Promise<readonly OperationDocument[]>,
): Promise<Candidate[]> {
  const { command, pending, current, values } = typed
  if (pending) {
    if (pending.long === '--op' || pending.long === '--then') return operationNames(await operations())
    if (pending.long === '--param') {
      return parameters(await operations(), values.get('--then') ?? values.get('--op'))
    }
    return (pending.argChoices ?? []).map(choice => [choice, pending.description])
  }
  if (current.startsWith('-') && current !== '-') {
    return optionsOf(command).map(option => [option.long ?? option.short ?? '', option.description])
  }
  if (typed.arguments.length > 0) return []
  const path = pathOf(command)
  if (path === 'ops') return operationNames(await operations())
  if (path === 'completion') return SHELLS.map(shell => [shell, `completion for ${shell}`])
  if (path === 'help') return [...commandNames(program), ...topicNames()]
  if (/^config (get|set|unset)$/.test(path)) return SETTING_NAMES.map(name => [name, SETTINGS[name].summary])
  return commandNames(command)
}

function operationNames(operations: readonly OperationDocument[]): Candidate[] {
  return operations.map(({ name, summary }) => [name, summary])
}

/** `to=`, and `to=png` where the schema lists the values. */
function parameters(operations: readonly OperationDocument[], name: string | undefined): Candidate[] {
  const operation = operations.find(each => each.name === name)
  const properties = [...schemaProperties(operation?.params)]
  return properties.flatMap(([param, { type, description = type, choices }]): Candidate[] => [
    [`${param}=`, description],
    ...choices.map(choice => [`${param}=${choice}`, description] as const),
  ])
}

function commandNames(command: Command): Candidate[] {
  const commands = command.createHelp().visibleCommands(command)
  return commands.map(each => [each.name(), each.description()])
}

function topicNames(): Candidate[] {
  return Object.entries(TOPICS).map(([name, { title }]) => [name, title])
}

function pathOf(command: Command): string {
  const { parent } = command
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name()
}

import type { Command } from 'commander'
import { type Example, examplesText, helpColumns } from '../help/layout.js'
import { throwUsage } from './usage-failure.js'

/** What commands do; loaded when one of them is called. */
export type Commands = typeof import('../commands/index.js')

/** Everything about one command but what it does. */
export interface CommandDefinition<Flags = never, Arguments extends readonly unknown[] = never[]> {
  readonly name: string
  readonly alias?: string
  readonly summary: string
  /** What help of the program lists it under. */
  readonly group?: string
  /** The first thing that its help shows. */
  readonly examples?: readonly Example[]
  /** In the syntax of commander: `<file>`, `[file]`, `<files...>`. */
  readonly arguments?: readonly (readonly [syntax: string, meaning: string])[]
  /** Leaves it out of help and manual. */
  readonly isHidden?: boolean
  readonly subcommands?: readonly CommandDefinition[]
  /** Adds the options. */
  options?(command: Command): void
  /** Does it; `flags` are its own options and those that every command takes. Answers the exit status; nothing means 0. */
  run?(commands: Commands, flags: Flags, ...args: Arguments): Promise<number | undefined> | Promise<void>
  /** In place of `run`, for what is about the program itself: that needs nothing else to be loaded. */
  tell?(program: Command, ...args: Arguments): Promise<void>
}

/** Is told the exit status of a command that ended without an exception. */
export type OnStatus = (status: number) => void

/**
 * Makes a definition a command of `parent`.
 *
 * @param isNeeded Whether it may be called or explained; of another one, the name is enough. @default true
 */
export function addCommand(
  parent: Command,
  definition: CommandDefinition,
  onStatus: OnStatus,
  isNeeded = true,
): void {
  const command = parent.command(definition.name, { hidden: definition.isHidden ?? false })
  if (definition.alias !== undefined) command.alias(definition.alias)
  if (!isNeeded) return
  command.description(definition.summary).helpCommand(false).exitOverride(throwUsage(command))
  if (definition.group !== undefined) command.helpGroup(definition.group)
  if (definition.examples) addExamples(command, definition.examples)
  for (const [syntax, meaning] of definition.arguments ?? []) command.argument(syntax, meaning)
  definition.options?.(command)
  for (const subcommand of definition.subcommands ?? []) addCommand(command, subcommand, onStatus)
  if (!definition.run && !definition.tell) return
  command.action(async () => {
    const args = command.processedArgs as never[]
    await definition.tell?.(programOf(command), ...args)
    if (!definition.run) return
    const commands = await import('../commands/index.js')
    const status = await definition.run(commands, command.optsWithGlobals() as never, ...args)
    if (status !== undefined) onStatus(status)
  })
}

function programOf(command: Command): Command {
  return command.parent ? programOf(command.parent) : command
}

/** Shows examples before all other help. */
export function addExamples(command: Command, examples: readonly Example[]): void {
  command.addHelpText('before', () => {
    const title = command.createHelp().styleTitle('Examples:')
    return `${title}\n${examplesText(examples, helpColumns(process.stdout))}`
  })
}

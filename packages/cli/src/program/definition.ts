import type { Command, Help } from 'commander'
import { throwUsage } from './usage-failure.js'

/** A command line that can be run as it stands, and what it is for. */
export type Example = readonly [commandLine: string, purpose: string]

/** What a command is called with, apart from its arguments. */
export interface CommandCall<Flags> {
  /** Its own options and those that every command takes. */
  readonly flags: Flags
  /** The whole tree of commands. */
  readonly program: Command
}

/** Everything about one command but what it does, which is loaded when it is called. */
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
  /** Loads what the command does, and does it. Answers the exit status; nothing means 0. */
  run?(call: CommandCall<Flags>, ...args: Arguments): Promise<number | undefined> | Promise<void>
}

/** Is told the exit status of a command that ended without an exception. */
export type OnStatus = (status: number) => void

/** Makes a definition a command of `parent`. */
export function addCommand(parent: Command, definition: CommandDefinition, onStatus: OnStatus): void {
  const command = parent.command(definition.name, { hidden: definition.isHidden ?? false })
  command.description(definition.summary).helpCommand(false).exitOverride(throwUsage(command))
  if (definition.group !== undefined) command.helpGroup(definition.group)
  if (definition.alias !== undefined) command.alias(definition.alias)
  if (definition.examples) command.addHelpText('before', examplesText(definition.examples))
  for (const [syntax, meaning] of definition.arguments ?? []) command.argument(syntax, meaning)
  definition.options?.(command)
  for (const subcommand of definition.subcommands ?? []) addCommand(command, subcommand, onStatus)
  const { run } = definition
  if (!run) return
  command.action(async () => {
    const call = { flags: command.optsWithGlobals() as never, program: programOf(command) }
    const status = await run(call, ...(command.processedArgs as never[]))
    if (status !== undefined) onStatus(status)
  })
}

function programOf(command: Command): Command {
  return command.parent ? programOf(command.parent) : command
}

function examplesText(examples: readonly Example[]): (context: { command: Command }) => string {
  return ({ command }) => {
    const help: Help = command.createHelp()
    const lines = examples.map(([commandLine, purpose]) => `  ${commandLine}\n      ${purpose}\n`)
    return `${help.styleTitle('Examples:')}\n${lines.join('')}`
  }
}

import type { Command, Option } from 'commander'

/** What was typed so far, as the program would understand it. */
export interface TypedWords {
  readonly command: Command
  /** Arguments of the command that are complete. */
  readonly arguments: readonly string[]
  /** Values of the options, by their long names; the last one of each. */
  readonly values: ReadonlyMap<string, string>
  /** The option whose value is being typed. */
  readonly pending: Option | undefined
  /** The word being typed; of `--option=value`, the value. */
  readonly current: string
  /** What of the word stands before `current`. */
  readonly prefix: string
}

/** Reads the words after the program's name, the last of which is being typed. */
export function readTypedWords(program: Command, words: readonly string[]): TypedWords {
  let command = program
  let pending: Option | undefined
  const values = new Map<string, string>()
  const found: string[] = []
  for (const word of words.slice(0, -1)) {
    if (pending) {
      values.set(nameOf(pending), word)
      pending = undefined
    } else if (word.startsWith('-') && word !== '-') {
      const [name = '', value] = word.split(/=(.*)/s)
      const option = findOption(command, name)
      if (option && value !== undefined) values.set(nameOf(option), value)
      else if (option?.required) pending = option
    } else {
      const subcommand = found.length === 0 ? findCommand(command, word) : undefined
      if (subcommand) command = subcommand
      else found.push(word)
    }
  }
  return { command, arguments: found, values, ...lastWord(command, words.at(-1) ?? '', pending) }
}

/** The command's own options and those that every command takes. */
export function optionsOf(command: Command): Option[] {
  const inherited = command.parent ? optionsOf(command.parent) : []
  return [...command.createHelp().visibleOptions(command), ...inherited]
}

function lastWord(command: Command, word: string, pending: Option | undefined) {
  const [, name, current] = /^(--[^=]+)=(.*)$/s.exec(word) ?? []
  if (pending || name === undefined || current === undefined) return { pending, current: word, prefix: '' }
  return { pending: findOption(command, name), current, prefix: `${name}=` }
}

function findCommand(command: Command, word: string): Command | undefined {
  return command.commands.find(each => each.name() === word || each.aliases().includes(word))
}

function findOption(command: Command, name: string): Option | undefined {
  return optionsOf(command).find(option => option.long === name || option.short === name)
}

function nameOf(option: Option): string {
  return option.long ?? option.short ?? ''
}

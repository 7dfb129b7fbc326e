import { existsSync } from 'node:fs'
import type { Command, CommanderError } from 'commander'
import { type CommandError, usageError } from '../failure/command-error.js'

/** Makes an error of what commander would end the process for; help and version that were shown stay what they are. */
export function throwUsage(command: Command): (error: CommanderError) => never {
  return error => {
    throw error.exitCode === 0 || error.code === 'commander.help' ? error : usageFailure(command, error)
  }
}

/** What commander says of wrong usage of a command, as an error like any other. */
function usageFailure(command: Command, { code, message }: CommanderError): CommandError {
  const [first = '', ...hints] = message.replace(/^error: /, '').split('\n')
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1)}`
  const help = `\`${[...pathOf(command), '--help'].join(' ')}\``
  const [, option] = /^commander.unknownOption$/.test(code) ? (/'(.*)'/s.exec(first) ?? []) : []
  if (option !== undefined && existsSync(option)) {
    return usageError(sentence, `If the file is meant, name it ./${option}; see ${help} for the options.`)
  }
  if (code === 'commander.missingArgument') {
    return usageError(sentence, `Usage: ${command.createHelp().commandUsage(command)}; ${help} has examples.`)
  }
  return usageError(
    sentence,
    [...hints.map(hint => hint.replace(/^\((.*)\)$/, '$1')), `See ${help}.`].join(' '),
  )
}

function pathOf(command: Command): string[] {
  return command.parent ? [...pathOf(command.parent), command.name()] : [command.name()]
}

import type { Command } from 'commander'
import { didYouMean } from '../failure/closest-name.js'
import { usageError } from '../failure/command-error.js'
import { helpColumns } from '../help/layout.js'
import { TOPICS } from '../help/topics.js'
import { writeStandardOutput } from '../output/standard-output.js'

/** `opcache help`: explains a command or a topic. */
export async function help(program: Command, words: readonly string[]): Promise<void> {
  const topic = words.length === 1 && Object.hasOwn(TOPICS, words[0]!) ? TOPICS[words[0]!] : undefined
  if (topic) return writeStandardOutput(`${topic.title}:\n\n${topic.text(helpColumns(process.stdout))}`)
  commandOf(program, words).outputHelp()
}

function commandOf(program: Command, words: readonly string[]): Command {
  let command = program
  for (const word of words) {
    const found = command.commands.find(each => each.name() === word || each.aliases().includes(word))
    if (!found) throw unknownTopic(command, word)
    command = found
  }
  return command
}

function unknownTopic(command: Command, word: string): Error {
  const names = [
    ...command
      .createHelp()
      .visibleCommands(command)
      .map(each => each.name()),
    ...Object.keys(TOPICS),
  ]
  return usageError(
    `There is no help about "${word}".`,
    didYouMean(word, names) ??
      'See `opcache --help` for the commands; topics are: keys, exit-codes, environment.',
  )
}

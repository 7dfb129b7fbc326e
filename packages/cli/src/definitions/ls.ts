import type { LsFlags } from '../commands/ls.js'
import type { CommandDefinition } from '../program/definition.js'
import { count } from '../program/option-values.js'

export const ls: CommandDefinition<LsFlags> = {
  name: 'ls',
  summary: 'list your recent entries, with the files that they were made from',
  examples: [
    ['opcache ls', 'the newest first'],
    ['opcache ls --state failed --limit 5', 'what went wrong'],
  ],
  options: command => {
    command
      .option('--state <state>', 'only uploading, processing, complete, failed or interrupted ones')
      .option('--limit <number>', 'as many at most (default: 20)', count)
  },
  run: (commands, flags) => commands.ls(flags),
}

import type { HashFlags } from '../commands/hash.js'
import type { CommandDefinition } from '../program/definition.js'

export const hash: CommandDefinition<HashFlags, [files: string[]]> = {
  name: 'hash',
  summary: 'print content ids; needs no server',
  examples: [
    ['opcache hash *.pdf > ids.txt', 'an id and a file name a line'],
    ['opcache hash --check ids.txt', 'whether the files are what they were'],
  ],
  arguments: [['<files...>', 'sources; - is standard input']],
  options: command => {
    command.option('-c, --check', 'the files are lists that this command wrote: compare what they name')
  },
  run: (commands, flags, files) => commands.hash(files, flags),
}

import { help as explain } from '../commands/help.js'
import type { CommandDefinition } from '../program/definition.js'

export const help: CommandDefinition<never, [topic: string[]]> = {
  name: 'help',
  summary: 'explain a command or a topic: keys, exit-codes, environment',
  examples: [
    ['opcache help upload', 'a command'],
    ['opcache help exit-codes', 'a topic'],
  ],
  arguments: [['[topic...]', 'a command, or keys, exit-codes, environment']],
  tell: explain,
}

import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const help: CommandDefinition<GlobalOptions, [topic: string[]]> = {
  name: 'help',
  summary: 'explain a command or a topic: keys, exit-codes, environment',
  examples: [
    ['opcache help upload', 'a command'],
    ['opcache help exit-codes', 'a topic'],
  ],
  arguments: [['[topic...]', 'a command, or keys, exit-codes, environment']],
  run: async ({ program }, topic) => (await import('../commands/help.js')).help(program, topic),
}

import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const ops: CommandDefinition<GlobalOptions, [name: string | undefined]> = {
  name: 'ops',
  summary: 'show what the server can do',
  examples: [
    ['opcache ops', 'every operation'],
    ['opcache ops convert', 'one, with its parameters'],
  ],
  arguments: [['[name]', 'one operation, with its parameters']],
  run: (commands, flags, name) => commands.ops(name, flags),
}

import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const status: CommandDefinition<GlobalOptions, [key: string]> = {
  name: 'status',
  summary: 'show how an entry stands',
  examples: [['opcache status 6b86...4b', 'its state, its source and its result']],
  arguments: [['<key>', 'key of the entry']],
  run: (commands, flags, key) => commands.status(key, flags),
}

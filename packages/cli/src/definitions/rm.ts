import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const rm: CommandDefinition<GlobalOptions, [keys: string[]]> = {
  name: 'rm',
  summary: 'forget entries, and end what runs for them',
  examples: [['opcache rm 6b86...4b', 'the next upload makes it again']],
  arguments: [['<keys...>', 'keys of entries']],
  run: (commands, flags, keys) => commands.rm(keys, flags),
}

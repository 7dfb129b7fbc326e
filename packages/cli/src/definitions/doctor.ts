import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

export const doctor: CommandDefinition<GlobalOptions> = {
  name: 'doctor',
  summary: 'check the settings, the server and the folders, and tell what to do',
  examples: [['opcache doctor', 'a line for each check: ok, warn or fail']],
  run: (commands, flags) => commands.doctor(flags),
}

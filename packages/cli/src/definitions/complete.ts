import type { CommandDefinition } from '../program/definition.js'
import type { GlobalOptions } from '../settings/settings.js'

/** What the shells' scripts ask: the words after `opcache`, the last one as far as it was typed. */
export const complete: CommandDefinition<GlobalOptions, [words: string[]]> = {
  name: 'complete-words',
  summary: 'print what the last word may become, a line each',
  isHidden: true,
  arguments: [['[words...]', 'the words after opcache']],
  run: async ({ program }, words) => (await import('../commands/complete.js')).complete(program, words),
}

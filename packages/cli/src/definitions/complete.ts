import { complete as offer } from '../commands/complete.js'
import type { CommandDefinition } from '../program/definition.js'

/** What the shells' scripts ask: the words after `opcache`, the last one as far as it was typed. */
export const complete: CommandDefinition<never, [words: string[]]> = {
  name: 'complete-words',
  summary: 'print what the last word may become, a line each',
  isHidden: true,
  arguments: [['[words...]', 'the words after opcache']],
  tell: offer,
}

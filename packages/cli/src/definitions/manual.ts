import { manual as print } from '../commands/manual.js'
import type { CommandDefinition } from '../program/definition.js'

/** The build keeps what this prints as `opcache.1`. */
export const manual: CommandDefinition = {
  name: 'manual',
  summary: 'print the manual page',
  isHidden: true,
  tell: print,
}

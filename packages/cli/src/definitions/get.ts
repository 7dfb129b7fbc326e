import type { GetFlags } from '../commands/get.js'
import type { CommandDefinition } from '../program/definition.js'
import { addResultOptions } from '../program/result-options.js'

export const get: CommandDefinition<GetFlags, [key: string]> = {
  name: 'get',
  summary: 'wait for an entry and fetch its result',
  examples: [
    ['opcache get 6b86...4b -o result.txt', 'fetches what an earlier command had made, from anywhere'],
    ['opcache get 6b86...4b | less', 'into a pipe'],
  ],
  arguments: [['<key>', 'key of the entry']],
  options: addResultOptions,
  run: (commands, flags, key) => commands.get(key, flags),
}

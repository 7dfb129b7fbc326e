import type { GetFlags } from '../commands/get.js'
import type { CommandDefinition } from '../program/definition.js'
import { addResultOptions } from '../program/result-options.js'

export const retry: CommandDefinition<GetFlags, [key: string]> = {
  name: 'retry',
  summary: 'run a failed operation again, from the source that the server has, and fetch its result',
  examples: [['opcache retry 6b86...4b -o result.txt', 'without the file that was uploaded']],
  arguments: [['<key>', 'key of the entry']],
  options: addResultOptions,
  run: (commands, flags, key) => commands.retry(key, flags),
}

import type { WaitFlags } from '../commands/wait.js'
import type { CommandDefinition } from '../program/definition.js'
import { seconds } from '../program/option-values.js'

export const wait: CommandDefinition<WaitFlags, [keys: string[]]> = {
  name: 'wait',
  summary: 'wait until entries are done, without fetching their results',
  examples: [
    ['opcache wait 6b86...4b && opcache get 6b86...4b -o result.txt', 'what `upload --detach` began'],
  ],
  arguments: [['<keys...>', 'keys of entries']],
  options: command => {
    command.option('--timeout <seconds>', 'how long to wait for each (default: as long as it takes)', seconds)
  },
  run: (commands, flags, keys) => commands.wait(keys, flags),
}

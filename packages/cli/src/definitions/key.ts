import type { KeyFlags } from '../commands/key.js'
import type { CommandDefinition } from '../program/definition.js'
import { addEntryOptions, addRehashOption } from '../program/entry-options.js'

export const key: CommandDefinition<KeyFlags, [file: string | undefined]> = {
  name: 'key',
  summary: 'print the key of an entry; needs no server',
  examples: [
    ['opcache key file.pdf --op convert', 'the key that an upload would use'],
    ['opcache key --op convert --resource report@7', 'the key of a source that is named, not read'],
  ],
  arguments: [['[file]', 'source; - is standard input; not needed with --resource']],
  options: command => {
    addEntryOptions(command)
    addRehashOption(command)
    command.option(
      '--user <name>',
      'the user of --private and --resource (default: local, the one of a server without users)',
    )
  },
  run: (commands, flags, file) => commands.key(file, flags),
}

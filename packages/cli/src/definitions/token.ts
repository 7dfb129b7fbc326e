import type { CreateTokenFlags } from '../commands/token.js'
import type { CommandDefinition } from '../program/definition.js'
import { days, nonEmpty } from '../program/option-values.js'

const create: CommandDefinition<CreateTokenFlags> = {
  name: 'create',
  summary: 'add a token to a file of tokens; it is printed once, and only its hash is kept',
  examples: [
    ['opcache token create --tokens tokens.json --user ada', 'reads, uploads and runs operations as ada'],
    [
      'opcache token create --tokens tokens.json --user ci --scope read --days 30',
      'finds, and makes nothing',
    ],
  ],
  options: command => {
    command
      .requiredOption('--tokens <path>', 'file of the tokens; created where it is not there')
      .requiredOption('--user <name>', 'whom the token is for', nonEmpty)
      .option('--namespace <name>', 'tenant of the user; nothing crosses it (default: default)', nonEmpty)
      .option(
        '--scope <name>',
        'what it allows: read, upload, execute or admin; repeat for more (default: all but admin)',
        (name: string, earlier: string[] = []) => [...earlier, name],
      )
      .option(
        '--days <number>',
        'how many days it is worth something (default: until its line is removed)',
        days,
      )
  },
  run: (commands, flags) => commands.createToken(flags),
}

export const token: CommandDefinition = {
  name: 'token',
  summary: 'make tokens for a server',
  examples: [
    ['opcache token create --tokens tokens.json --user ada', 'for `opcache serve --tokens tokens.json`'],
  ],
  subcommands: [create],
}

import { Option } from 'commander'
import type { ServeFlags } from '../commands/serve.js'
import type { CommandDefinition } from '../program/definition.js'
import { bytes, port, seconds } from '../program/option-values.js'

export const serve: CommandDefinition<ServeFlags> = {
  name: 'serve',
  summary: 'run a server; its address is printed on stdout',
  examples: [
    ['opcache serve', 'on this machine, for this machine'],
    ['opcache serve --socket /run/user/1000/opcache.sock', 'for this user alone'],
  ],
  options: command => {
    command
      .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
      .option('--port <number>', 'port to listen on, 0 for any free one (default: 7077)', port)
      .option('--socket <path>', 'Unix socket to listen on, for this user alone')
      .option(
        '--config <file>',
        'configuration with your operations (default: opcache.config.mjs, if it is there)',
      )
      .option('--data <folder>', "folder of the data (default: opcache in the user's data folder)")
      .option(
        '--max-size <bytes>',
        'bytes that it keeps, such as 500G: the least recently used goes first (default: unlimited)',
        bytes,
      )
      .option('--min-free <bytes>', 'bytes of the disk that it leaves free (default: 134M)', bytes)
      .addOption(
        new Option(
          '--durability <what>',
          'what acknowledged bytes outlive: the end of a "process", or that of power, on "disk" (default: process)',
        ).choices(['process', 'disk']),
      )
      .option(
        '--close-grace <seconds>',
        'how long running attempts may go on once it is told to end (default: 8)',
        seconds,
      )
      .option('--tokens <path>', 'file of the tokens that are taken; see `opcache token create`')
      .option(
        '--jwt-jwks <place>',
        'take JSON Web Tokens: https address or file of the keys they are signed with',
      )
      .option('--jwt-issuer <text>', 'who must have issued them')
      .option('--jwt-audience <text>', 'whom they must be for')
      .option('--jwt-user-claim <name>', 'claim that names the user (default: sub)')
      .option(
        '--jwt-namespace-claim <name>',
        'claim that names the namespace (default: all are in "default")',
      )
      .option('--jwt-scopes-claim <name>', 'claim that lists the scopes (default: scope)')
      .option('--allow-anonymous', 'let whoever reaches --host do everything, without credentials')
      .option('--tls-key <path>', 'private key for https, in PEM')
      .option('--tls-cert <path>', 'certificate for https, in PEM')
      .option('--metrics-port <number>', 'port on 127.0.0.1 that gives metrics to whoever asks', port)
      .option('--otlp-endpoint <url>', 'collector that gets traces (OpenTelemetry, OTLP over HTTP)')
      .option('--log', 'JSON lines: one a request on stdout, and on stderr what goes wrong')
      .addOption(
        new Option(
          '--log-level <level>',
          'log from this weight on; "debug" adds attempts (default: info)',
        ).choices(['debug', 'info', 'warn', 'error']),
      )
  },
  run: (commands, flags) => commands.serve(flags),
}

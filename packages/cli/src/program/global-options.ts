import { type Command, Option } from 'commander'
import { connections, nonEmpty, rate, seconds } from './option-values.js'

/** The options that every command takes. */
export function addGlobalOptions(program: Command): void {
  program
    .option(
      '--server <url>',
      'server, such as https://cache.example.org or unix:/run/opcache.sock; without one, a cache of your own',
    )
    .option('--token-file <path>', 'file that holds the token of the server', nonEmpty)
    .option('--cache-dir <folder>', 'folder of the cache that is used without a server', nonEmpty)
    .option(
      '--reconnect-timeout <seconds>',
      'how long to go on trying when the server is lost (default: 600)',
      seconds,
    )
    .option('--limit-rate <bytes>', 'bytes a second at most, both ways, such as 500k, 2M or 1G', rate)
    .option(
      '--connections <number>',
      'parts of a file sent at a time at most; fewer where server or line bear fewer (default: 16)',
      connections,
    )
    .option('--json', 'JSON on stdout, one object for each result')
    .addOption(
      new Option('--json-stream', 'JSON on stdout, one object for each event, progress too').implies({
        json: true,
      }),
    )
    .option('-q, --quiet', 'nothing on stderr but errors')
    .option('-v, --verbose', 'also tell which server is used, and the causes of errors')
    .option('--no-color', 'no colors, as NO_COLOR does')
}

import { Command, InvalidArgumentError } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { EXIT_MEANINGS } from './failure/exit-status.js'
import { bytesPerSecondOf, RATE_RULE } from './settings/rate.js'
import { SECONDS_RULE, secondsOf } from './settings/seconds.js'
import type { GlobalOptions } from './settings/settings.js'

/** Is told the exit status of a command that ended without an exception. */
export type OnStatus = (status: number) => void

/**
 * The tree of commands. What a command does is loaded when it is called, so that help and version load nothing else.
 * Errors of usage are thrown as `CommanderError`.
 */
export function createProgram(onStatus: OnStatus): Command {
  const program = new Command('opcache')
    .description('Runs expensive operations on files once: what was done before comes from the cache.')
    .version(packageJson.version, '-V, --version')
    .option(
      '--server <url>',
      'server, such as https://cache.example.org or unix:/run/opcache.sock; without one, a cache of your own',
    )
    .option('--token-file <path>', 'file that holds the token of the server')
    .option(
      '--reconnect-timeout <seconds>',
      'how long to go on trying when the server is lost (default: 120)',
      seconds,
    )
    .option('--limit-rate <bytes>', 'bytes a second at most, both ways, such as 500k, 2M or 1G', rate)
    .option('--json', 'JSON on stdout, one object a line')
    .option('-q, --quiet', 'nothing on stderr but errors')
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLines(text)) })
    .addHelpText('after', helpText())
  addUpload(program, onStatus)
  addGet(program)
  addStatus(program)
  addHash(program, onStatus)
  addKey(program)
  addOps(program)
  addServe(program)
  addConfig(program)
  return program
}

function addUpload(program: Command, onStatus: OnStatus): void {
  withEntryOptions(program.command('upload'))
    .alias('run')
    .description('run an operation on files; what is cached comes at once, without an upload')
    .argument('<files...>', 'sources; - is standard input')
    .option('-o, --output <path>', 'file or folder for the result, - for standard output')
    .option('-f, --force', 'replace an output that exists')
    .option('--unshared', 'share nothing, not even with yourself: a new key each time')
    .option('--refresh', 'run the operation again even if its result is cached')
    .option('--only-if-cached', 'fail (3) rather than have the result made')
    .option(
      '--timeout <seconds>',
      'how long to wait for the operation (default: as long as it takes)',
      seconds,
    )
    .action(async (files: string[], _flags, command: Command) => {
      const { upload } = await import('./commands/upload.js')
      onStatus(await upload(files, command.optsWithGlobals()))
    })
}

function addGet(program: Command): void {
  program
    .command('get')
    .description('wait for an entry and fetch its result')
    .argument('<key>', 'key of the entry')
    .option(
      '-o, --output <path>',
      'file or folder for the result, - for standard output (the default in a pipe)',
    )
    .option('-f, --force', 'replace an output that exists')
    .option(
      '--timeout <seconds>',
      'how long to wait for the operation (default: as long as it takes)',
      seconds,
    )
    .action(async (key: string, _flags, command: Command) => {
      const { get } = await import('./commands/get.js')
      await get(key, command.optsWithGlobals())
    })
}

function addStatus(program: Command): void {
  program
    .command('status')
    .description('show how an entry stands')
    .argument('<key>', 'key of the entry')
    .action(async (key: string, _flags, command: Command) => {
      const { status } = await import('./commands/status.js')
      await status(key, command.optsWithGlobals())
    })
}

function addHash(program: Command, onStatus: OnStatus): void {
  program
    .command('hash')
    .description('print content ids; needs no server')
    .argument('<files...>', 'sources; - is standard input')
    .action(async (files: string[], _flags, command: Command) => {
      const { hash } = await import('./commands/hash.js')
      onStatus(await hash(files, command.optsWithGlobals()))
    })
}

function addKey(program: Command): void {
  withEntryOptions(program.command('key'))
    .description('print the key of an entry; needs no server')
    .argument('[file]', 'source; - is standard input; not needed with --resource')
    .option(
      '--user <name>',
      'the user of --private and --resource (default: local, the one of a server without users)',
    )
    .action(async (file: string | undefined, _flags, command: Command) => {
      const { key } = await import('./commands/key.js')
      await key(file, command.optsWithGlobals())
    })
}

function addOps(program: Command): void {
  program
    .command('ops')
    .description('show what the server can do')
    .argument('[name]', 'one operation, with its parameters')
    .action(async (name: string | undefined, _flags, command: Command) => {
      const { ops } = await import('./commands/ops.js')
      await ops(name, command.optsWithGlobals())
    })
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('run a server; its address is printed on stdout')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on, 0 for any free one (default: 7077)', port)
    .option('--socket <path>', 'Unix socket to listen on, for this user alone')
    .option('--data <folder>', "folder of the data (default: opcache in the user's data folder)")
    .option('--log', 'a JSON line a request on stdout')
    .action(async (_flags, command: Command) => {
      const { serve } = await import('./commands/serve.js')
      await serve(command.optsWithGlobals())
    })
}

function addConfig(program: Command): void {
  const config = program
    .command('config')
    .description('read and change the configuration: server, token-file, cache-dir, reconnect-timeout')
  const load = () => import('./commands/config.js')
  const globals = (command: Command): GlobalOptions => command.optsWithGlobals()
  config
    .command('get <key>')
    .description('print a value')
    .action(async (key: string, _flags, command: Command) => (await load()).getConfig(key, globals(command)))
  config
    .command('set <key> <value>')
    .description('keep a value')
    .action(async (key: string, value: string) => (await load()).setConfig(key, value))
  config
    .command('unset <key>')
    .description('forget a value')
    .action(async (key: string) => (await load()).unsetConfig(key))
  config
    .command('list')
    .description('print what is configured')
    .action(async (_flags, command: Command) => (await load()).listConfig(globals(command)))
  config
    .command('path')
    .description('print where the configuration file is')
    .action(async () => (await load()).configPath())
}

function withEntryOptions(command: Command): Command {
  return command
    .requiredOption('--op <name>', 'operation; `opcache ops` shows what there is')
    .option('-p, --param <name=value>', 'parameter of the operation; repeat for more', collect)
    .option('--salt <text>', 'keep a separate set of results', nonEmpty)
    .option('--private', 'confine source and result to your private space')
    .option('--resource <name@version>', 'name the source instead of its bytes: a hit does not even read it')
}

function collect(text: string, earlier: string[] = []): string[] {
  return [...earlier, text]
}

function nonEmpty(text: string): string {
  if (text !== '') return text
  throw new InvalidArgumentError('It must not be empty.')
}

function seconds(text: string): number {
  const value = secondsOf(text)
  if (value !== undefined) return value
  throw new InvalidArgumentError(`It is ${SECONDS_RULE}.`)
}

function rate(text: string): number {
  const value = bytesPerSecondOf(text)
  if (value !== undefined) return value
  throw new InvalidArgumentError(`It is ${RATE_RULE}.`)
}

function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value <= 65_535) return value
  throw new InvalidArgumentError('It is a number from 0 to 65535.')
}

/** What commander says of wrong usage, in the two lines that all errors have. */
function usageLines(text: string): string {
  const [first = '', ...more] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n')
  const advice = [...more.map(line => line.replace(/^\((.*)\)$/, '$1')), 'See `opcache --help`.'].join(' ')
  return `opcache: ${first.replace(/[^.?!]$/, '$&.')} [usage]\n  ${advice}\n`
}

function helpText(): string {
  const statuses = EXIT_MEANINGS.map(([status, meaning]) => `  ${status.padEnd(10)}${meaning}`)
  return `
Exit status (of several files: that of the first that failed):
${statuses.join('\n')}

Environment: OPCACHE_SERVER, OPCACHE_TOKEN, OPCACHE_TOKEN_FILE, OPCACHE_CACHE_DIR, OPCACHE_RECONNECT_TIMEOUT.
A flag goes before the environment, which goes before \`opcache config\`. DEBUG=opcache shows whole errors.

Examples:
  opcache upload file.pdf --op convert
  opcache upload photo.jpg --op convert -o photo.webp
  cat file.pdf | opcache upload - --op convert -p to=txt > out.txt`
}

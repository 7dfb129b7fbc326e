import { EXIT_MEANINGS } from '../failure/exit-status.js'
import { SETTINGS } from '../settings/setting-table.js'
import { prose, table } from './layout.js'

/** What `opcache help <topic>` explains apart from commands. */
export interface Topic {
  readonly title: string
  /** Lines of at most so many columns. */
  text(columns: number): string
}

const KEY_OPTIONS: readonly (readonly [option: string, meaning: string])[] = [
  [
    '-p, --param name=value',
    'JSON where it parses as JSON (page=1 is a number), text otherwise and where the operation takes texts only',
  ],
  ['--salt <text>', 'a separate set of results'],
  ['--private', 'only yours, source and result'],
  ['--resource name@version', 'you name the source; a hit does not even read it'],
  ['--unique', 'a new key each time: nothing is ever found'],
]

const keys: Topic = {
  title: 'Which result is found',
  text: columns => `${prose(
    'A result is found under the key of its entry, which is made of the bytes of the source, the name of the operation, and its parameters. The name of the file does not count, nor does where it came from: what was done before, by whichever command, is a hit. With the same bytes and other parameters it is a miss that uploads nothing.\n\nThese options change the key:',
    columns,
  )}
${table(KEY_OPTIONS, columns)}
${prose(
  'These do not: --refresh runs the operation again under the same key, --only-if-cached fails rather than running it. `upload --explain` tells what a key is made of and whether it would hit; `opcache key` prints it without asking a server; `opcache status` and `opcache get` take one.',
  columns,
)}
`,
}

const VARIABLES: readonly (readonly [name: string, meaning: string])[] = [
  ...Object.values(SETTINGS).map(({ variable, summary }) => [variable, summary] as const),
  ['OPCACHE_TOKEN', 'the token itself'],
  ['NO_COLOR', 'no colors, if it is not empty'],
  ['FORCE_COLOR', 'colors, also where the output is no terminal'],
  ['DEBUG', '"opcache" shows errors with their stacks'],
]

const environment: Topic = {
  title: 'Environment',
  text: columns => `${table(VARIABLES, columns)}
${prose(
  "A flag goes before the environment, which goes before .opcacherc.json (in this folder or the nearest one above it), which goes before the user's file (`opcache config path`), which goes before the default. An empty variable counts as not set. `opcache config list --show-origin` shows what is in force, and where it comes from.",
  columns,
)}
`,
}

const exitCodes: Topic = {
  title: 'Exit status',
  text: columns => `${table(EXIT_MEANINGS, columns)}
${prose('Of several files: that of the first that failed.', columns)}
`,
}

/** Every topic by the name that it is asked for. */
export const TOPICS: Readonly<Record<string, Topic>> = { keys, 'exit-codes': exitCodes, environment }

import { Command } from 'commander'
import { DEFINITIONS } from '../definitions/index.js'
import { type Example, examplesText, helpColumns, item, prose } from '../help/layout.js'
import { hasColors, painted } from '../output/colors.js'
import { addCommand, addExamples, type CommandDefinition, type OnStatus } from './definition.js'
import { addGlobalOptions } from './global-options.js'
import { throwUsage } from './usage-failure.js'

const EXAMPLES: readonly Example[] = [
  ['opcache upload file.pdf --op convert', 'writes file.txt'],
  ['opcache upload photo.jpg --op convert -o photo.webp', 'the extension says what it becomes'],
  ["opcache upload '**/*.log' --op gzip -o packed/", 'many files, into a folder'],
  ['cat file.pdf | opcache upload - --op convert -p to=txt > out.txt', 'from a pipe into a file'],
  ['opcache ops', 'what can be done'],
]

/** What a person sees who types the name of the program alone. */
export function firstHelp(columns: number): string {
  return `${prose('opcache runs expensive operations on files once: what was done before comes from the cache.', columns)}

${examplesText(EXAMPLES, columns)}
${prose('There is nothing to set up. `opcache --help` shows every command, `opcache help upload` explains one.', columns)}
`
}

const MORE_HELP =
  '`opcache help <command>` has examples. More: `opcache help keys`, `opcache help exit-codes`, `opcache help environment`; `opcache doctor` finds what is wrong with the settings.'

/**
 * The tree of commands. What a command does is loaded when it is called, so that help loads nothing else.
 * Wrong usage is thrown as `CommandError`, the end after help or version as `CommanderError`.
 *
 * @param words What will be parsed: commands that they cannot be about are left without options. @default all have theirs
 */
export function createProgram(version: string, onStatus: OnStatus, words: readonly string[] = []): Command {
  const program = new Command('opcache')
    .description('Runs expensive operations on files once: what was done before comes from the cache.')
    .version(version, '-V, --version')
    .helpCommand(false)
    .configureOutput({
      // Errors are thrown, and told like all others.
      outputError: () => undefined,
      getOutHasColors: () => hasColors(process.stdout),
      getErrHasColors: () => hasColors(process.stderr),
      getOutHelpWidth: () => helpColumns(process.stdout),
      getErrHelpWidth: () => helpColumns(process.stderr),
    })
    .configureHelp({
      showGlobalOptions: true,
      boxWrap: prose,
      formatItem: (term, termWidth, description, { helpWidth = 80 }) =>
        item(term, termWidth, description, helpWidth),
      styleTitle: text => painted(process.stdout, 'bold', text),
    })
    .addHelpText('after', () => `\n${prose(MORE_HELP, helpColumns(process.stdout))}`)
  addExamples(program, EXAMPLES)
  program.exitOverride(throwUsage(program))
  addGlobalOptions(program)
  const isNeeded = neededBy(words)
  for (const definition of DEFINITIONS) addCommand(program, definition, onStatus, isNeeded(definition))
  return program
}

/** To make the options of all commands takes longer than to parse the words of one. */
function neededBy(words: readonly string[]): (definition: CommandDefinition) => boolean {
  const isNamed = ({ name, alias }: CommandDefinition) =>
    words.includes(name) || (alias !== undefined && words.includes(alias))
  const named = DEFINITIONS.filter(isNamed)
  const isAboutAll = named.length === 0 || named.some(({ tell }) => tell)
  return isAboutAll || words.some(word => /^(--help|-[a-z]*h)$/.test(word)) ? () => true : isNamed
}

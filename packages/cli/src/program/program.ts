import { Command } from 'commander'
import { DEFINITIONS } from '../definitions/index.js'
import { hasColors, painted } from '../output/colors.js'
import { addCommand, type OnStatus } from './definition.js'
import { addGlobalOptions } from './global-options.js'
import { throwUsage } from './usage-failure.js'

const EXAMPLES = `  opcache upload file.pdf --op convert               writes file.txt
  opcache upload photo.jpg --op convert -o photo.webp
  opcache upload '**/*.log' --op gzip -o packed/     many files, into a folder
  cat file.pdf | opcache upload - --op convert -p to=txt > out.txt
  opcache ops                                        what can be done
`

/** What a person sees who types the name of the program alone. */
export const FIRST_HELP = `opcache runs expensive operations on files once: what was done before comes from the cache.

${EXAMPLES}
There is nothing to set up. \`opcache --help\` shows every command, \`opcache help upload\` explains one.
`

const MORE_HELP = `
\`opcache help <command>\` has examples. More: \`opcache help keys\`, \`opcache help exit-codes\`,
\`opcache help environment\`; \`opcache doctor\` finds what is wrong with the settings.`

/**
 * The tree of commands. What a command does is loaded when it is called, so that help loads nothing else.
 * Wrong usage is thrown as `CommandError`, the end after help or version as `CommanderError`.
 */
export function createProgram(version: string, onStatus: OnStatus): Command {
  const program = new Command('opcache')
    .description('Runs expensive operations on files once: what was done before comes from the cache.')
    .version(version, '-V, --version')
    .helpCommand(false)
    .configureOutput({
      // Errors are thrown, and told like all others.
      outputError: () => undefined,
      getOutHasColors: () => hasColors(process.stdout),
      getErrHasColors: () => hasColors(process.stderr),
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: text => painted(process.stdout, 'bold', text),
    })
    .addHelpText('before', `Examples:\n${EXAMPLES}`)
    .addHelpText('after', MORE_HELP)
  program.exitOverride(throwUsage(program))
  addGlobalOptions(program)
  for (const definition of DEFINITIONS) addCommand(program, definition, onStatus)
  return program
}

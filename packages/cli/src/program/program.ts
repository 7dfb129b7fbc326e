import { Command } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { DEFINITIONS } from '../definitions/index.js'
import { hasColors, painted } from '../output/colors.js'
import { addCommand, type OnStatus } from './definition.js'
import { addGlobalOptions } from './global-options.js'

const HELP = `
Examples:
  opcache upload file.pdf --op convert
  opcache upload photo.jpg --op convert -o photo.webp
  cat file.pdf | opcache upload - --op convert -p to=txt > out.txt
  opcache ops                   # what can be done
`

const MORE_HELP = `
\`opcache help <command>\` has examples. More: \`opcache help keys\`, \`opcache help exit-codes\`,
\`opcache help environment\`; \`opcache doctor\` finds what is wrong with the settings.`

/**
 * The tree of commands. What a command does is loaded when it is called, so that help loads nothing else.
 * Errors of usage are thrown as `CommanderError`.
 */
export function createProgram(onStatus: OnStatus): Command {
  const program = new Command('opcache')
    .description('Runs expensive operations on files once: what was done before comes from the cache.')
    .version(packageJson.version, '-V, --version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(usageLines(text)),
      getOutHasColors: () => hasColors(process.stdout),
      getErrHasColors: () => hasColors(process.stderr),
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: text => painted(process.stdout, 'bold', text),
    })
    .addHelpText('before', HELP.trimStart())
    .addHelpText('after', MORE_HELP)
  addGlobalOptions(program)
  for (const definition of DEFINITIONS) addCommand(program, definition, onStatus)
  return program
}

/** What commander says of wrong usage, in the two lines that all errors have. */
function usageLines(text: string): string {
  const [first = '', ...more] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n')
  const advice = [...more.map(line => line.replace(/^\((.*)\)$/, '$1')), 'See `opcache --help`.'].join(' ')
  const name = painted(process.stderr, 'red', 'opcache:')
  return `${name} ${first.replace(/[^.?!]$/, '$&.')} [usage]\n  ${advice}\n`
}

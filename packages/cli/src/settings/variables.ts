import { closestName } from '../failure/closest-name.js'
import { usageError } from '../failure/command-error.js'
import { SETTING_NAMES, SETTINGS } from './setting-table.js'

const PREFIX = 'OPCACHE_'

const KNOWN = [...SETTING_NAMES.map(name => SETTINGS[name].variable), 'OPCACHE_TOKEN']

/** Variables that begin like ours and are none: of other programs, or misspelt. */
export function foreignVariables(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env).filter(name => name.startsWith(PREFIX) && env[name] && !KNOWN.includes(name))
}

/** What is near to one of our variables was meant to be it; another program may have others. @throws CommandError */
export function assertVariablesSpelt(env: NodeJS.ProcessEnv): void {
  for (const name of foreignVariables(env)) {
    const closest = closestName(wordOf(name), KNOWN.map(wordOf))
    if (closest === undefined) continue
    throw usageError(
      `There is no environment variable ${name}.`,
      `Did you mean ${PREFIX}${closest.toUpperCase()}? See \`opcache help environment\` for all of them.`,
    )
  }
}

/** What tells it from the others. */
function wordOf(variable: string): string {
  return variable.slice(PREFIX.length).toLowerCase()
}

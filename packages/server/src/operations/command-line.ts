import type { CommandPart } from './operation.js'

/** The places of a command that are no parameters. */
export const COMMAND_PLACES: readonly string[] = ['input', 'output', 'folder']

/** What is filled in, by the name of its place. */
export type PlaceValues = Readonly<Record<string, unknown>>

const PLACE = /\{([A-Za-z_][\w-]*)\}/g

/** Longest text that one parameter puts into an argument. */
const VALUE_CHARACTERS = 4096

/** The names of the places in a command. */
export function placesOf(command: readonly CommandPart[]): string[] {
  return command.flat().flatMap(text => [...text.matchAll(PLACE)].map(match => match[1]!))
}

/**
 * The arguments of a command with everything filled in: each text stays one argument, whatever the values are.
 *
 * @throws Error where a value is missing outside of a list, or cannot stand where it would: see {@link refusedValue}.
 */
export function fillCommand(command: readonly CommandPart[], values: PlaceValues): string[] {
  return command.flatMap(part => {
    if (typeof part === 'string') return fill(part, values)
    const isComplete = placesOf(part).every(place => values[place] !== undefined)
    return isComplete ? part.map(text => fill(text, values)) : []
  })
}

/**
 * Why the parameters cannot stand in the arguments of a command; undefined when they can. A text that would begin an
 * argument with a dash could become an option, and control characters and what is no simple value have no place there.
 * What stands outside of a list must be there.
 */
export function refusedValue(command: readonly CommandPart[], params: PlaceValues): string | undefined {
  const missing = placesOf(command.filter(part => typeof part === 'string')).find(
    place => params[place] === undefined && !COMMAND_PLACES.includes(place),
  )
  if (missing !== undefined) return `the parameter "${missing}" is missing`
  for (const text of command.flat()) {
    for (const { 1: place, index } of text.matchAll(PLACE)) {
      const value = params[place!]
      const reason = value === undefined ? undefined : refusal(value, index === 0)
      if (reason !== undefined) return `"${place}" ${reason}`
    }
  }
  return undefined
}

function refusal(value: unknown, isFirst: boolean): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return undefined
  if (typeof value !== 'string') return 'must be a text, a number, true or false'
  if (value.length > VALUE_CHARACTERS) return `has more than ${VALUE_CHARACTERS} characters`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not pass
  if (/[\u0000-\u001f\u007f]/.test(value)) return 'must not have line breaks or other control characters'
  if (isFirst && value.startsWith('-')) return 'must not begin with a dash'
  return undefined
}

function fill(text: string, values: PlaceValues): string {
  return text.replace(PLACE, (_, place: string) => {
    const value = values[place]
    if (value === undefined) throw new Error(`Nothing was given for {${place}}.`)
    return String(value)
  })
}

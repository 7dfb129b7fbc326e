import { usageError } from '../failure/command-error.js'

/** Longer waits than a timer can hold would fire at once. */
const LONGEST_SECONDS = 2_000_000

/** What a duration may be. */
export const SECONDS_RULE = `a number of seconds from 0 to ${LONGEST_SECONDS}`

/** A duration in seconds as it was typed, with fractions if need be; undefined when it is none. */
export function secondsOf(text: string): number | undefined {
  const seconds = text.trim() === '' ? Number.NaN : Number(text)
  return seconds >= 0 && seconds <= LONGEST_SECONDS ? seconds : undefined
}

/** The same for a setting. @throws CommandError */
export function parseSeconds(name: string, text: string): number {
  const seconds = secondsOf(text)
  if (seconds !== undefined) return seconds
  throw usageError(`${name} is ${SECONDS_RULE}, not "${text}".`, 'Give one like 30.')
}

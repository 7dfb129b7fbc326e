import { closestMatch } from 'leven'

/** A name that is not known, in quotes, and what was probably meant: `"qualty" (did you mean "quality"?)`. */
export function unknownName(typed: string, known: readonly string[]): string {
  const maxDistance = Math.min(3, Math.floor(typed.length / 2))
  const closest = maxDistance > 0 ? closestMatch(typed.toLowerCase(), known, { maxDistance }) : undefined
  return closest === undefined ? `"${typed}"` : `"${typed}" (did you mean "${closest}"?)`
}

import { AuthError } from './auth-error.js'

/** As long as the user of a descriptor may be. */
const MAX_CHARACTERS = 256

/** A user or a namespace as a credential names it, checked. @throws AuthError */
export function callerName(value: unknown, what: string): string {
  const isName =
    typeof value === 'string' && value.length > 0 && value.length <= MAX_CHARACTERS && value.isWellFormed()
  if (!isName) throw new AuthError(`The ${what} is a text of 1 to ${MAX_CHARACTERS} characters.`)
  return value
}

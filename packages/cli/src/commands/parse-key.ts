import { type EntryKey, parseEntryKey } from '@opcache/protocol'
import { usageError } from '../failure/command-error.js'

/** An entry's key as it was typed. @throws CommandError */
export function parseKey(text: string): EntryKey {
  const key = parseEntryKey(text)
  if (key) return key
  throw usageError(
    `"${text}" is not the key of an entry.`,
    'A key has 64 hex digits, as `opcache key` and `opcache upload --json` print it.',
  )
}

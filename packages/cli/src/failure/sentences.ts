/** A message in two parts: what happened, and what to do about it. */
export interface SplitMessage {
  readonly what: string
  /** The last sentence, where there are several. */
  readonly rest: string | undefined
}

/**
 * Splits a message before its last sentence, which in messages of the client and of servers says what to do.
 * `names` are pieces of text, such as paths, in which a sentence does not end.
 */
export function splitMessage(message: string, names: readonly string[] = []): SplitMessage {
  const text = names
    .filter(name => name !== '')
    .reduce((masked, name) => masked.replaceAll(name, '_'.repeat(name.length)), message)
  const last = [...text.matchAll(/[.!?] +(?=\p{Lu})/gu)].at(-1)
  if (!last) return { what: message, rest: undefined }
  const end = last.index + 1
  return { what: message.slice(0, end), rest: message.slice(end).trim() }
}

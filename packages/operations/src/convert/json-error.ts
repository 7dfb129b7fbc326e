/** Where and why text is not JSON, in words: `line 3, column 5: Expected ',' or '}'...`; the place where it is known. */
export function describeJsonError(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error)
  const reason = message
    .replace(/ in JSON at position.*$/s, '')
    .replace(/\s+/g, ' ')
    .slice(0, 160)
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position === undefined) return reason
  const before = text.slice(0, Number(position)).split('\n')
  return `line ${before.length}, column ${before.at(-1)!.length + 1}: ${reason}`
}

/** The command that this process is, as it can be typed again. */
export function thisCommand(args: readonly string[] = process.argv.slice(2)): string {
  return commandLine(args)
}

/** A command of this program, quoted for the shell. */
export function commandLine(words: readonly string[]): string {
  // What npx has fetched is in nobody's PATH.
  const isOfNpx = /^['"]?opcache\b/.test(process.env.npm_lifecycle_script ?? '')
  const program = isOfNpx ? 'npx opcache' : 'opcache'
  return [program, ...words.map(shellWord)].join(' ')
}

/** One word as POSIX shells read it; control characters need the quotes that bash, zsh and ksh have for them. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is quoted
  if (!/[\u0000-\u001f\u007f-\u009f]/.test(text)) return `'${text.replaceAll("'", "'\\''")}'`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  const escaped = text.replace(/[\\'\u0000-\u001f\u007f-\u009f]/g, escapedCharacter)
  return `$'${escaped}'`
}

function escapedCharacter(character: string): string {
  if (character === '\\' || character === "'") return `\\${character}`
  // UTF-8, octal: hex escapes would swallow a digit that follows.
  return [...Buffer.from(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}

/** Text as it may be written to a terminal: what others say must not steer it. */
export function printable(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/[^\S ]+/g, ' ')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
      .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
      .trim()
  )
}

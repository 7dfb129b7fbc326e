/** Names that some systems keep for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** What every usual file system takes, with room for what a client adds to it. */
const NAME_BYTES = 200

/** Reduces a file name to a base name that is safe to create on any system: no folders, no control characters. */
export function safeName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const printable = base
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"|?*\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^\.+/, '')
  const cleaned = firstBytes(printable, NAME_BYTES).replace(/[. ]+$/, '')
  return cleaned === '' || RESERVED.test(cleaned) ? `result${cleaned && `-${cleaned}`}` : cleaned
}

/** As much of a text as fits into so many bytes of UTF-8, cut between characters. */
function firstBytes(text: string, bytes: number): string {
  const room = new Uint8Array(bytes)
  return text.slice(0, new TextEncoder().encodeInto(text, room).read)
}

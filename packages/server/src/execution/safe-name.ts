/** Names that some systems keep for devices. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** Reduces a file name to a base name that is safe to create on any system: no folders, no control characters. */
export function safeName(name: string): string {
  const base = name.split(/[/\\]/).at(-1) ?? ''
  const cleaned = base
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must go
    .replace(/[\u0000-\u001f\u007f-\u009f<>:"|?*\u202a-\u202e\u2066-\u2069]/g, '_')
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '')
    .slice(0, 200)
  return cleaned === '' || RESERVED.test(cleaned) ? `result${cleaned && `-${cleaned}`}` : cleaned
}

/** A file name on a line of checksums, as `b3sum` and `sha256sum` write it: a line break would end the line. */
export function escapedName(name: string): { readonly mark: '' | '\\'; readonly text: string } {
  if (!/[\\\n\r]/.test(name)) return { mark: '', text: name }
  const text = name.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
  return { mark: '\\', text }
}

/** The name that was escaped; undefined for what no escaping gives. */
export function unescapedName(text: string): string | undefined {
  if (!/^(?:[^\\]|\\[\\nr])*$/.test(text)) return undefined
  return text.replace(/\\(.)/g, (_, letter: string) => ({ n: '\n', r: '\r' })[letter] ?? '\\')
}

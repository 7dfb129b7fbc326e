/** Words as a list for people: `a, b or c`. */
export function joined(words: readonly string[], conjunction: 'and' | 'or'): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${conjunction} ${words.at(-1)}`
}

/** A number of bytes for people, in MiB or in bytes: `256 MiB`. */
export function inMebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}

/** A number of pixels for people: `200 megapixels`. */
export function inMegapixels(pixels: number): string {
  return `${Math.ceil(pixels / 1e6)} megapixels`
}

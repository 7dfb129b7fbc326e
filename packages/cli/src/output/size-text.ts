const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB']

/** A number of bytes as people read it: `0 bytes`, `812 bytes`, `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${bytes} bytes`
  let value = bytes
  let unit = ''
  for (const next of UNITS) {
    if (value < 999.95) break
    value /= 1000
    unit = next
  }
  return `${value.toFixed(1)} ${unit}`
}

/** What a size may be. */
export const SIZE_RULE = 'a number of bytes, with k, M, G or T for thousands and so on'

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12 }

/** A size as it was typed, in bytes; undefined when it is none. */
export function bytesOf(text: string): number | undefined {
  const [, digits, prefix = ''] = /^(\d+(?:\.\d+)?)([kKMGT]?)B?$/.exec(text) ?? []
  const size = Math.floor(Number(digits) * (FACTORS[prefix] ?? Number.NaN))
  return Number.isSafeInteger(size) ? size : undefined
}

/** What a rate may be. */
export const RATE_RULE =
  'a number of bytes a second from 1 on, with k, M or G for thousands, millions and billions'

const FACTORS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 }

/** A rate as it was typed, in bytes a second; undefined when it is none. */
export function bytesPerSecondOf(text: string): number | undefined {
  const [, digits, suffix = ''] = /^(\d+(?:\.\d+)?)([kMG]?)$/.exec(text) ?? []
  const rate = Math.floor(Number(digits) * (FACTORS[suffix] ?? Number.NaN))
  return rate >= 1 && Number.isSafeInteger(rate) ? rate : undefined
}

const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000

/**
 * Milliseconds until retry number `attempt` (from 1): exponential backoff with full jitter, so that clients which lost
 * the same server do not come back together, and never before the server asks for.
 */
export function nextDelay(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1))
  return Math.max(random() * ceiling, retryAfterMs ?? 0)
}

/** The value of a `Retry-After` header in milliseconds (RFC 9110, 10.2.3: seconds or a date). */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

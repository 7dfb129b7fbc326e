import { expect } from 'vitest'

/** What becomes true without a sign that could be awaited; the test's own time limit ends the wait. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 500_000, interval: 10 })
}

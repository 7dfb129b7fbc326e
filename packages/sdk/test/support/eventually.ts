import { expect } from 'vitest'

/** What becomes true without a sign that could be awaited; patient, since machines are busy. */
export function eventually<T>(read: () => T) {
  return expect.poll(read, { timeout: 20_000, interval: 10 })
}

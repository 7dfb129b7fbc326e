import { onTestFinished, vi } from 'vitest'

const now = performance.now.bind(performance)

/** Has so many milliseconds pass for all that measures how long something takes, until the test is finished. */
export function skipTime(ms: number): void {
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + ms)
  onTestFinished(() => void clock.mockRestore())
}

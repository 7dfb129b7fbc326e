import { expect, test } from 'vitest'
import type { ProgressEvent } from '../src/index.js'
import { ProgressReporter } from '../src/progress-reporter.js'

function told() {
  const events: ProgressEvent[] = []
  const clock = { now: 0 }
  const reporter = new ProgressReporter(
    event => events.push(event),
    () => clock.now,
  )
  return { events, clock, reporter }
}

const waiting = (attempt: number, retryInMs: number) =>
  ({ phase: 'waiting-for-connection', attempt, retryInMs }) as const

test('a wait counts down once, however many wait, and never up', () => {
  const { events, reporter } = told()
  for (const ms of [2900, 2890, 2000, 2900, 1000, 1990, 0]) reporter.report(waiting(1, ms))
  reporter.report(waiting(2, 5000))
  expect(events).toEqual([
    waiting(1, 2900),
    waiting(1, 2000),
    waiting(1, 1000),
    waiting(1, 0),
    waiting(2, 5000),
  ])
})

test('bytes never go back, and carry speed and time', () => {
  const { events, clock, reporter } = told()
  for (const bytes of [0, 1000, 900, 2000]) {
    reporter.report({ phase: 'downloading', bytes, totalBytes: 4000 })
    clock.now += 1000
  }
  expect(events.map(event => event.phase === 'downloading' && event.bytes)).toEqual([0, 1000, 2000])
  expect(events.at(-1)).toMatchObject({ bytesPerSecond: expect.any(Number), remainingMs: expect.any(Number) })
})

import type { ProgressEvent } from '@opcache/sdk'
import { describe, expect, test } from 'vitest'
import { progressLine } from '../src/progress/many-progress.js'

const EVENTS: readonly ProgressEvent[] = [
  { phase: 'hashing', bytes: 3_000_000, totalBytes: 12_000_000 },
  { phase: 'asking', key: 'a'.repeat(64) },
  {
    phase: 'uploading',
    sentBytes: 5_000_000,
    skippedBytes: 1_000_000,
    totalBytes: 12_000_000,
    bytesPerSecond: 2_000_000,
    remainingMs: 3_000,
  },
  { phase: 'waiting-for-connection', attempt: 2, retryInMs: 4_000 },
  {
    phase: 'processing',
    fraction: 0.4,
    message: 'page 4 of 10, which is a long one with much to tell of itself',
  },
  { phase: 'downloading', bytes: 12_000_000, totalBytes: 12_000_000 },
]

describe('the line of one of several sources', () => {
  test.each([40, 80, 200])('fits a terminal of %i columns', columns => {
    const lines = EVENTS.map(event => progressLine('reports/annual-report-2026-final.pdf', event, columns))
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(columns)
    expect(lines.join('\n')).toMatchSnapshot()
  })
})

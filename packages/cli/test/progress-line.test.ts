import type { ProgressEvent } from '@opcache/sdk'
import fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import * as drawing from '../src/progress/drawing.js'
import { progressLine } from '../src/progress/progress-line.js'

const EVENTS: readonly ProgressEvent[] = [
  { phase: 'hashing', bytes: 3_000_000, totalBytes: 12_000_000 },
  { phase: 'hashing', bytes: 3_000_000 },
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
  { phase: 'processing' },
  {
    phase: 'processing',
    fraction: 0.4,
    message: 'page 4 of 10, which is a long one with much to tell of itself',
  },
  { phase: 'downloading', bytes: 12_000_000, totalBytes: 12_000_000 },
]

/** A character of these takes two columns. */
const WIDE = '報告書/二千二十六年の年次報告書の最終版.pdf'

describe('the line of what a source is doing', () => {
  test.each([40, 80, 200])('tells in a terminal of %i columns what there is room for', columns => {
    const lines = ['reports/annual-report-2026-final.pdf', WIDE].flatMap(label =>
      EVENTS.map(event => progressLine(label, event, columns, drawing)),
    )
    expect(lines.join('\n')).toMatchSnapshot()
  })

  test('leaves the last column free, whatever it tells', () => {
    const labels = fc.string({
      unit: fc.constantFrom('a', 'é', ' ', '/', '報', '한', '👍', '👩‍🚀'),
      maxLength: 300,
    })
    fc.assert(
      fc.property(
        labels,
        fc.constantFrom(...EVENTS),
        fc.integer({ min: 40, max: 250 }),
        (label, event, columns) => {
          expect(stringWidth(progressLine(label, event, columns, drawing))).toBeLessThan(columns)
        },
      ),
    )
  })
})

import { describe, expect, test } from 'vitest'
import { PlainProgress } from '../src/progress/plain-progress.js'
import { barFormat, shortened } from '../src/progress/terminal-progress.js'

describe('progress in a log', () => {
  test('is a whole line now and then, without control codes', () => {
    const lines: string[] = []
    let now = 0
    const view = new PlainProgress(
      'big\u001b.bin',
      line => lines.push(line),
      () => now,
    )
    for (let sentBytes = 0; sentBytes <= 60; sentBytes++) {
      now = sentBytes * 1000
      view.onProgress({ phase: 'uploading', sentBytes, skippedBytes: 0, totalBytes: 60 })
    }
    view.onProgress({ phase: 'done', served: 'miss' })
    expect(lines).toEqual(['25%', '50%', '75%', '100%'].map(far => `big\ufffd.bin: uploading ${far}\n`))
  })

  test('says nothing of what is over sooner', () => {
    const lines: string[] = []
    const view = new PlainProgress(
      'a',
      line => lines.push(line),
      () => 0,
    )
    view.onProgress({ phase: 'asking', key: 'k' })
    expect(lines).toEqual([])
  })
})

describe('a line of a terminal', () => {
  test.each([40, 60, 80, 100, 200])('of %i columns holds what is drawn', columns => {
    const label = 'a-rather-long-name-of-a-file-in-some-folder.tar.gz'
    const drawn = barFormat(label, 'downloading', columns)
      .replace('{bar}', '#'.repeat(20))
      .replace('{percentage}', '100')
      .replace('{bytes}', '999.9 MB')
      .replace('{size}', '999.9 MB')
      .replace('{estimate}', ', 999.9 MB/s, 10:00 left')
    expect(drawn.length).toBeLessThanOrEqual(columns)
    expect(drawn).toContain('100%')
  })

  test('shortens a name in its middle', () => {
    expect(shortened('name.txt', 40)).toBe('name.txt')
    expect(shortened('a-rather-long-name.txt', 40)).toBe('a-rat...e.txt')
  })
})

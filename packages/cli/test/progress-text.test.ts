import { describe, expect, test } from 'vitest'
import { PlainProgress } from '../src/progress/plain-progress.js'

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

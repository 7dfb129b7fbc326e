import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { fitted, wrapped } from '../src/output/fitted.js'

const word = fc.stringMatching(/^[a-z報告]{1,30}$/)
const command = fc.array(word, { minLength: 1, maxLength: 6 }).map(words => `\`${words.join(' ')}\``)
const line = fc.array(fc.oneof(word, command), { minLength: 1, maxLength: 30 }).map(words => words.join(' '))

test('a line is broken at spaces only, where it does not fit, and never within a command', () => {
  fc.assert(
    fc.property(
      line,
      fc.integer({ min: 20, max: 100 }),
      fc.integer({ min: 0, max: 6 }),
      (text, columns, hang) => {
        const lines = wrapped(text, columns, hang, stringWidth).split('\n')
        expect(lines.map(each => each.trim()).join(' ')).toBe(text)
        for (const [index, each] of lines.entries()) {
          expect(each.split('`').length % 2).toBe(1)
          if (index > 0) expect(each.startsWith(' '.repeat(hang))).toBe(true)
          // A word that is longer than the line stays whole.
          const isOneWord = /^ *(`[^`]*`|[^ `]*)$/.test(each)
          if (!isOneWord) expect(stringWidth(each)).toBeLessThanOrEqual(columns)
        }
      },
    ),
  )
})

test('what is behind a name goes on behind it', () => {
  expect(wrapped('  name  one two three', 15, 6)).toBe('  name  one two\n        three')
})

test('only a terminal that knows its width has lines broken for it', async () => {
  const text = `${'word '.repeat(20)}end\n`
  expect(await fitted({}, text, 2)).toBe(text)
  expect(await fitted({ isTTY: true, columns: 0 }, text, 2)).toBe(text)
  expect(await fitted({ isTTY: true, columns: 200 }, text, 2)).toBe(text)
  expect((await fitted({ isTTY: true, columns: 40 }, text, 2)).split('\n')).toHaveLength(4)
})

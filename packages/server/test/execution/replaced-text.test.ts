import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReplacedText } from '../../src/execution/replaced-text.js'

test('a word is replaced wherever a text is cut, and nothing else is', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 12 })
  const word = fc.string({ unit: fc.constantFrom('a', 'b', '/'), minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(letters), word, (pieces, word) => {
      const text = new ReplacedText(word, '.')
      const told = pieces.map(piece => text.next(piece)).join('') + text.end()
      expect(told).toBe(pieces.join('').replaceAll(word, '.'))
    }),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TextTail } from '../../src/execution/text-tail.js'

test('the end of a text is kept, however it comes', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 30 })),
      fc.integer({ min: 1, max: 20 }),
      (pieces, characters) => {
        const tail = new TextTail(characters)
        for (const piece of pieces) tail.append(piece)
        expect(tail.text).toBe(pieces.join('').slice(-characters))
      },
    ),
  )
})

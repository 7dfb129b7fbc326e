import { describe, expect, it } from 'vitest'
import type { BlocksInFlight } from '../ports/blocks-in-flight.js'
import { type OpenPort, withPort } from './opened.js'

const all = () => true

/** What every record of blocks in flight must do within a process. Others see its marks sooner or later. */
export function blocksInFlightContract(name: string, open: OpenPort<BlocksInFlight>): void {
  const test = (title: string, use: (inFlight: BlocksInFlight) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as blocks in flight`, () => {
    test('gives what nobody receives, and what is marked only after it is unmarked', async inFlight => {
      const unmark = inFlight.mark('a', [3, 2])
      expect(await inFlight.claim('a', [3, 2], all)).toBeUndefined()
      expect(await inFlight.claim('a', [4, 1], all)).toBeUndefined()
      unmark()
      expect(await inFlight.claim('a', [4, 1], all)).toBeTypeOf('function')
    })

    test('gives a claim to one of several who claim at once, and to the next once it is released', async inFlight => {
      const claims = await Promise.all(Array.from({ length: 5 }, () => inFlight.claim('a', [0, 8], all)))
      const given = claims.filter(claim => claim !== undefined)
      expect(given).toHaveLength(1)
      given[0]?.()
      expect(await inFlight.claim('a', [0, 8], all)).toBeTypeOf('function')
    })

    test('gives a range of which a needed block is missing, put together over all marks of its blob', async inFlight => {
      inFlight.mark('a', [0, 2])
      inFlight.mark('a', [2, 1])
      inFlight.mark('b', [3, 1])
      expect(await inFlight.claim('a', [0, 3], all)).toBeUndefined()
      expect(await inFlight.claim('a', [0, 4], index => index < 3)).toBeUndefined()
      expect(await inFlight.claim('a', [0, 4], all)).toBeTypeOf('function')
      expect(await inFlight.claim('b', [0, 1], all)).toBeTypeOf('function')
    })

    test('has a block as long as anybody receives it', async inFlight => {
      const [unmark, unmarkOther] = [inFlight.mark('a', [0, 2]), inFlight.mark('a', [1, 2])]
      unmark()
      expect(await inFlight.claim('a', [1, 1], all)).toBeUndefined()
      unmarkOther()
      expect(await inFlight.claim('a', [1, 1], all)).toBeTypeOf('function')
    })
  })
}

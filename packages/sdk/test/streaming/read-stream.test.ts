import { hashContent, loadBlake3, manifestDigest } from '@opcache/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readStream } from '../../src/streaming/read-stream.js'
import { type HeldBlock, StreamWindow } from '../../src/streaming/stream-window.js'
import { MIB, noise } from '../support/bytes.js'

const blake3 = await loadBlake3()
const signal = new AbortController().signal

async function* pieces(bytes: Uint8Array, cuts: readonly number[]) {
  let at = 0
  for (const cut of [...cuts].sort((one, other) => one - other)) {
    yield bytes.subarray(at, cut)
    at = Math.max(at, cut)
  }
  yield bytes.subarray(at)
}

test('however a stream is cut, its blocks and its identity are those of the content', async () => {
  const sizes = fc.oneof(fc.constantFrom(0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB), fc.nat(4 * MIB))
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.double({ min: 0, max: 1, noNaN: true })), async (size, cuts) => {
      const bytes = noise(size)
      const window = new StreamWindow(5)
      const read = await readStream(
        blake3,
        pieces(
          bytes,
          cuts.map(cut => Math.floor(cut * size)),
        ),
        window,
        signal,
      )
      const expected = hashContent(blake3, bytes)
      expect(read).toEqual({ id: expected.id, size })
      const blocks: HeldBlock[] = window.take(5)
      expect(Buffer.concat(blocks.map(block => block.bytes)).equals(bytes)).toBe(true)
      for (const { index, digest } of blocks) {
        expect(Buffer.from(digest).equals(manifestDigest(expected.manifest, index))).toBe(true)
      }
      expect(await window.hasBlock(signal)).toBe(false)
    }),
    { numRuns: 30 },
  )
})

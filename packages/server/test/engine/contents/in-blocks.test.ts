import { Readable } from 'node:stream'
import { BLOCK_BYTES } from '@opcache/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CutBlock, inBlocks } from '../../../src/engine/contents/in-blocks.js'
import { bytesOf } from '../../support/content.js'

/** Cuts bytes at these places. */
function chunksOf(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const sizes = fc.oneof(
  fc.constantFrom(0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES),
  fc.nat(3 * BLOCK_BYTES),
)

test('however a stream is chunked, its blocks are the same', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.nat(), { maxLength: 40 }), async (size, cuts) => {
      const bytes = bytesOf(size)
      const lengths: number[] = []
      let isSame = true
      for await (const { index, bytes: block } of inBlocks(
        Readable.from(chunksOf(bytes, cuts), { objectMode: false }),
      )) {
        expect(index).toBe(lengths.length)
        lengths.push(block.length)
        isSame &&= bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES).equals(block)
      }
      expect(isSame).toBe(true)
      const full = Math.floor(size / BLOCK_BYTES)
      const rest = size % BLOCK_BYTES
      expect(lengths).toEqual([...Array(full).fill(BLOCK_BYTES), ...(rest ? [rest] : [])])
    }),
    { numRuns: 40 },
  )
})

test('blocks stay as they are until they are released, whatever is cut meanwhile', async () => {
  const bytes = bytesOf(5 * BLOCK_BYTES)
  const other = Buffer.alloc(5 * BLOCK_BYTES, 'other')
  const held: CutBlock[] = []
  for await (const block of inBlocks(Readable.from([bytes], { objectMode: false }))) {
    if (block.index % 2 === 0) block.release()
    else held.push(block)
  }
  for await (const { release } of inBlocks(Readable.from([other], { objectMode: false }))) release()
  expect(held.map(({ index }) => index)).toEqual([1, 3])
  for (const { index, bytes: block } of held) {
    expect(bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES).equals(block)).toBe(true)
  }
})

test('the memory of released blocks serves later ones', async () => {
  const memories = new Set<ArrayBufferLike>()
  for await (const { bytes, release } of inBlocks(
    Readable.from([bytesOf(20 * BLOCK_BYTES)], { objectMode: false }),
  )) {
    memories.add(bytes.buffer)
    release()
  }
  expect(memories.size).toBe(1)
})

test('an error of the stream ends the blocks', async () => {
  const stream = new Readable({ read: () => undefined })
  stream.push(bytesOf(10))
  const blocks = inBlocks(stream)
  const next = blocks.next()
  stream.destroy(new Error('cut'))
  await expect(next).rejects.toThrow('cut')
})

import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOperationError } from '../../src/index.js'
import { zstdFrames } from '../../src/operations/zstd-frames.js'

/** A frame as RFC 8878 describes it, its data in blocks that are not packed. */
function frameOf(blocks: readonly Buffer[], { isSingle, hasChecksum }: Record<string, boolean>): Buffer {
  const sizeFlag = isSingle ? 2 : 0
  const head = Buffer.alloc(isSingle ? 9 : 6)
  head.writeUInt32LE(0xfd2fb528)
  head[4] = (sizeFlag << 6) | (isSingle ? 0x20 : 0) | (hasChecksum ? 4 : 0)
  const data = blocks.flatMap((block, index) => {
    const header = Buffer.alloc(3)
    header.writeUIntLE((block.length << 3) | (index === blocks.length - 1 ? 1 : 0), 0, 3)
    return [header, block]
  })
  return Buffer.concat([head, ...data, Buffer.alloc(hasChecksum ? 4 : 0)])
}

function skippable(bytes: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32LE(0x184d2a53)
  head.writeUInt32LE(bytes.length, 4)
  return Buffer.concat([head, bytes])
}

const bytes = fc.uint8Array({ maxLength: 40 }).map(array => Buffer.from(array))
const frames = fc.array(
  fc.oneof(
    fc
      .tuple(
        fc.array(bytes, { minLength: 1, maxLength: 4 }),
        fc.record({ isSingle: fc.boolean(), hasChecksum: fc.boolean() }),
      )
      .map(([blocks, shape]) => frameOf(blocks, shape)),
    bytes.map(skippable),
  ),
  { minLength: 1, maxLength: 5 },
)

/** The pieces of what comes in chunks of these sizes. */
async function cut(source: Buffer, sizes: readonly number[]): Promise<Buffer[]> {
  const chunks: Buffer[] = []
  for (let at = 0, index = 0; at < source.length; index++) {
    const size = sizes[index % sizes.length]!
    chunks.push(source.subarray(at, at + size))
    at += size
  }
  const pieces: Buffer[] = []
  for await (const piece of zstdFrames(Readable.from(chunks))) pieces.push(piece)
  return pieces
}

/** Where each of them ends, counted from the start of the first. */
function endsOf(all: readonly Buffer[]): number[] {
  return all.map((_, index) => Buffer.concat(all.slice(0, index + 1)).length)
}

const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 })

test('however a source comes, no piece goes beyond the end of a frame, and nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(frames, sizes, async (all, chunkSizes) => {
      const pieces = await cut(Buffer.concat(all), chunkSizes)
      expect(Buffer.concat(pieces).equals(Buffer.concat(all))).toBe(true)
      const ends = endsOf(pieces)
      for (const end of endsOf(all)) expect(ends).toContain(end)
    }),
  )
})

test('what ends within a frame is not whole', async () => {
  await fc.assert(
    fc.asyncProperty(frames, sizes, fc.nat(), async (all, chunkSizes, seed) => {
      const whole = Buffer.concat(all)
      const length = seed % whole.length
      const ends = endsOf(all)
      const cutting = cut(whole.subarray(0, length), chunkSizes)
      if (ends.includes(length)) await cutting
      else await expect(cutting).rejects.toSatisfy(isOperationError)
    }),
  )
})

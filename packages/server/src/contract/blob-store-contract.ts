import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { BLOCK_BYTES } from '@opcache/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BlobStore } from '../ports/blob-store.js'
import { type OpenPort, withPort } from './opened.js'

/** Two blocks and a bit. */
const BYTES = randomBytes(2 * BLOCK_BYTES + 777)

/** What every blob store must do. */
export function blobStoreContract(name: string, open: OpenPort<BlobStore>): void {
  const test = (title: string, use: (store: BlobStore) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as a blob store`, () => {
    test('declares parts of whole units', async ({ capabilities }) => {
      const { unitBlocks, partBlocks, maxPartBlocks } = capabilities
      expect(unitBlocks).toBeGreaterThanOrEqual(1)
      expect(partBlocks % unitBlocks).toBe(0)
      expect(maxPartBlocks % unitBlocks).toBe(0)
      expect(maxPartBlocks).toBeGreaterThanOrEqual(partBlocks)
    })

    test('has a blob from its first writer to its deletion', async store => {
      const blob = randomUUID()
      expect(await store.has(blob)).toBe(false)
      await (await store.openWriter(blob)).close()
      expect(await store.has(blob)).toBe(true)
      await store.delete(blob)
      expect(await store.has(blob)).toBe(false)
    })

    test('deletes a blob that is not there without an error', async store => {
      await store.delete(randomUUID())
    })

    it('gives any bytes back, in whatever order and by whichever writers they came', async () => {
      const order = fc.shuffledSubarray([0, 1, 2], { minLength: 3 })
      const position = fc.integer({ min: 0, max: BYTES.length })
      await fc.assert(
        fc.asyncProperty(order, position, position, async (indices, a, b) => {
          await withPort(open, async store => {
            const blob = randomUUID()
            await Promise.all(indices.map(index => writeBlock(store, blob, index)))
            const [start, end] = [Math.min(a, b), Math.max(a, b)]
            await expectBytes(store.read(blob, start, end), BYTES.subarray(start, end))
            await expectBytes(store.read(blob, 0, BYTES.length), BYTES)
          })
        }),
        { numRuns: 10 },
      )
    })

    test('syncs what a writer has stored, be it nothing, some, all or deleted', async store => {
      const blob = randomUUID()
      const writer = await store.openWriter(blob)
      await writer.sync()
      for (const index of [0, 1, 2]) {
        await writer.writeBlock(index, BYTES.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES))
        await writer.sync()
      }
      await expectBytes(store.read(blob, 0, BYTES.length), BYTES)
      await store.delete(blob)
      await writer.sync()
      await writer.close()
      expect(await store.has(blob)).toBe(false)
    })

    test('lets the caller use its memory again', async store => {
      const blob = randomUUID()
      const memory = Buffer.alloc(BLOCK_BYTES)
      const writer = await store.openWriter(blob)
      for (const index of [0, 1, 2]) {
        const length = BYTES.copy(memory, 0, index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES)
        await writer.writeBlock(index, memory.subarray(0, length))
      }
      memory.fill(0)
      await writer.close()
      await expectBytes(store.read(blob, 0, BYTES.length), BYTES)
    })

    test('reads a block that is stored before the others are', async store => {
      const blob = randomUUID()
      await writeBlock(store, blob, 1)
      const [start, end] = [BLOCK_BYTES + 5, BLOCK_BYTES + 500]
      await expectBytes(store.read(blob, start, end), BYTES.subarray(start, end))
    })

    test('takes the same block again', async store => {
      const blob = randomUUID()
      for (const index of [0, 1, 1, 2, 0]) await writeBlock(store, blob, index)
      await expectBytes(store.read(blob, 0, BYTES.length), BYTES)
    })

    test('reads nothing where start is end, without a blob too', async store => {
      await expectBytes(store.read(randomUUID(), 0, 0), Buffer.alloc(0))
    })

    test('fails to read a blob that is not there', async store => {
      await expect(buffer(store.read(randomUUID(), 0, 1))).rejects.toThrow()
    })

    test('gives a reader its bytes or an error, and no others, when the blob is deleted meanwhile', async store => {
      const blob = randomUUID()
      for (const index of [0, 1, 2]) await writeBlock(store, blob, index)
      const readers = [store.read(blob, 0, BYTES.length), store.read(blob, 0, BYTES.length)]
      const started = readers[0]![Symbol.asyncIterator]()
      const head = (await started.next()) as IteratorResult<Buffer>
      await store.delete(blob)
      const tail = async () =>
        Buffer.concat([head.value, await buffer({ [Symbol.asyncIterator]: () => started })])
      for (const read of [tail, () => buffer(readers[1]!)]) {
        const outcome = await read().catch((error: unknown) => error)
        if (!(outcome instanceof Error)) expect(BYTES.equals(outcome as Buffer)).toBe(true)
      }
    })

    test('stops reading when it is told to', async store => {
      const blob = randomUUID()
      await writeBlock(store, blob, 0)
      for await (const piece of store.read(blob, 0, BLOCK_BYTES)) {
        expect(piece.length).toBeGreaterThan(0)
        break
      }
      await store.delete(blob)
    })

    test('names a local file with the bytes, or none', async store => {
      const blob = randomUUID()
      for (const index of [2, 0, 1]) await writeBlock(store, blob, index)
      const path = store.localPath(blob)
      if (path !== undefined) expect(BYTES.equals(await readFile(path))).toBe(true)
    })

    test('names the blobs that there are', async store => {
      const blobs = [randomUUID(), randomUUID(), randomUUID()]
      for (const blob of blobs) await writeBlock(store, blob, 0)
      await store.delete(blobs[1]!)
      const names: string[] = []
      for await (const name of store.names()) names.push(name)
      expect(names.toSorted()).toEqual([blobs[0], blobs[2]].toSorted())
    })

    test('tells how many bytes can be stored', async store => {
      expect(await store.availableBytes()).toBeGreaterThanOrEqual(0)
    })
  })
}

async function writeBlock(store: BlobStore, blob: string, index: number): Promise<void> {
  const writer = await store.openWriter(blob)
  try {
    await writer.writeBlock(index, BYTES.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES))
  } finally {
    await writer.close()
  }
}

/** Compares without the megabytes of difference that a matcher would print. */
async function expectBytes(readable: Readable, expected: Buffer): Promise<void> {
  const actual = await buffer(readable)
  expect(actual.length).toBe(expected.length)
  expect(actual.equals(expected)).toBe(true)
}

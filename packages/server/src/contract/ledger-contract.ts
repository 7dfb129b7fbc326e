import { describe, expect, it } from 'vitest'
import type { Drivers } from '../ports/drivers.js'
import { type OpenPort, withPort } from './opened.js'
import { endOf, FULL, sampleContent, sampleManifest, sampleStream, streamBlocksOf } from './samples.js'

/** What every ledger must do, with the stores whose account it keeps. */
export function ledgerContract(name: string, open: OpenPort<Drivers>): void {
  const test = (title: string, use: (drivers: Drivers) => Promise<void>) =>
    it(title, () => withPort(open, use))
  const capacity = 100 * FULL

  describe(`${name} as a ledger`, () => {
    test('holds nothing at first', async ({ ledger }) => {
      expect(await ledger.usage()).toEqual({ storedBytes: 0, reservedBytes: 0, contents: 0 })
      expect(await ledger.unfinished('ada')).toEqual({ contents: 0, streams: 0, bytes: 0 })
      expect(await ledger.isNamed('blob')).toBe(false)
      await ledger.release('blob')
    })

    test('accounts for the blocks of a content from its first to its end', async ({ ledger, contents }) => {
      const content = sampleContent(3, { account: 'ada' })
      await contents.declare(content, sampleManifest(3))
      expect(await ledger.unfinished('ada')).toEqual({ contents: 1, streams: 0, bytes: 0 })
      await contents.commitBlocks(content, content.blob, [[0, 1]])
      await contents.commitBlocks(content, content.blob, [[2, 1]])
      expect(await ledger.unfinished('ada')).toEqual({ contents: 1, streams: 0, bytes: 2 * FULL })
      expect(await ledger.usage()).toMatchObject({ storedBytes: 2 * FULL, contents: 1 })
      await contents.commitBlocks(content, content.blob, [[0, 3]])
      expect(await ledger.unfinished('ada')).toEqual({ contents: 0, streams: 0, bytes: 0 })
      expect(await ledger.usage()).toMatchObject({ storedBytes: content.size, contents: 1 })
      await contents.delete(content, content.blob)
      expect(await ledger.usage()).toEqual({ storedBytes: 0, reservedBytes: 0, contents: 0 })
    })

    test('accounts once for a content that is published, whatever it replaces', async drivers => {
      const { ledger, contents } = drivers
      const partial = sampleContent(3, { account: 'ada' })
      await contents.declare(partial, sampleManifest(3))
      await contents.commitBlocks(partial, partial.blob, [[0, 1]])
      const whole = sampleContent(3)
      await contents.publish(whole, sampleManifest(3))
      await contents.publish(sampleContent(3), sampleManifest(3))
      expect(await ledger.usage()).toMatchObject({ storedBytes: whole.size, contents: 1 })
      expect(await ledger.unfinished('ada')).toEqual({ contents: 0, streams: 0, bytes: 0 })
    })

    test('accounts for the blocks of a stream until it is sealed', async ({ ledger, streams }) => {
      const stream = sampleStream({ account: 'ada' })
      const blocks = streamBlocksOf([FULL, FULL])
      await streams.create(stream)
      for (const block of blocks) await streams.claim(stream, stream.blob, block)
      await streams.commit(stream, stream.blob, [[0, 2]])
      expect(await ledger.unfinished('ada')).toEqual({ contents: 0, streams: 1, bytes: 2 * FULL })
      await streams.seal(stream, stream.blob, endOf(blocks))
      expect(await ledger.unfinished('ada')).toEqual({ contents: 0, streams: 0, bytes: 0 })
      expect(await ledger.usage()).toMatchObject({ storedBytes: 2 * FULL })
      await streams.finishSeal(stream, stream.blob)
      expect(await ledger.usage()).toMatchObject({ storedBytes: 0 })
      await streams.delete(stream, stream.blob)
      expect(await ledger.usage()).toEqual({ storedBytes: 0, reservedBytes: 0, contents: 0 })
    })

    test('keeps accounts apart', async ({ ledger, contents }) => {
      await contents.declare(sampleContent(1, { account: 'ada' }), sampleManifest(1))
      expect(await ledger.unfinished('bob')).toEqual({ contents: 0, streams: 0, bytes: 0 })
    })

    test('reserves room up to the capacity, and not a byte more', async ({ ledger }) => {
      expect(await ledger.reserve('a', 60, 100)).toBe(true)
      expect(await ledger.reserve('b', 41, 100)).toBe(false)
      expect(await ledger.reserve('b', 30, 100)).toBe(true)
      expect(await ledger.reserve('a', 10, 100)).toBe(true)
      expect(await ledger.usage()).toMatchObject({ reservedBytes: 100 })
      await ledger.release('a')
      expect(await ledger.usage()).toMatchObject({ reservedBytes: 30 })
      expect(await ledger.reserve('b', 70, 100)).toBe(true)
    })

    test('gives back what is reserved beyond what is to be kept', async ({ ledger }) => {
      await ledger.reserve('a', 60, 100)
      await ledger.release('a', 70)
      expect(await ledger.usage()).toMatchObject({ reservedBytes: 60 })
      await ledger.release('a', 0)
      expect(await ledger.usage()).toMatchObject({ reservedBytes: 0 })
      expect(await ledger.isReserved('a')).toBe(true)
      await ledger.release('b', 0)
      expect(await ledger.isReserved('b')).toBe(false)
    })

    test('lets no two callers have the same room', async ({ ledger }) => {
      const blobs = Array.from({ length: 20 }, (_, index) => `blob-${index}`)
      const granted = await Promise.all(blobs.map(blob => ledger.reserve(blob, 10, 105)))
      expect(granted.filter(Boolean)).toHaveLength(10)
    })

    test('takes what becomes present from the reservation', async ({ ledger, contents, streams }) => {
      const content = sampleContent(3)
      await contents.declare(content, sampleManifest(3))
      expect(await ledger.reserve(content.blob, 2 * FULL, capacity)).toBe(true)
      await contents.commitBlocks(content, content.blob, [[0, 1]])
      await contents.commitBlocks(content, content.blob, [[0, 1]])
      expect(await ledger.usage()).toMatchObject({ storedBytes: FULL, reservedBytes: FULL })
      await contents.commitBlocks(content, content.blob, [[0, 3]])
      expect(await ledger.usage()).toMatchObject({ storedBytes: content.size, reservedBytes: 0 })

      const stream = sampleStream()
      await streams.create(stream)
      for (const block of streamBlocksOf([FULL])) await streams.claim(stream, stream.blob, block)
      await ledger.reserve(stream.blob, FULL, capacity)
      await streams.commit(stream, stream.blob, [[0, 1]])
      expect(await ledger.usage()).toMatchObject({ storedBytes: content.size + FULL, reservedBytes: 0 })

      const published = sampleContent(2, { id: endOf(streamBlocksOf([FULL, 7])).content })
      await ledger.reserve(published.blob, 5 * FULL, capacity)
      await contents.publish(published, sampleManifest(2))
      await ledger.release(published.blob)
      expect(await ledger.usage()).toMatchObject({ reservedBytes: 0, contents: 2 })
    })

    test('keeps a blob in use whose room is used up, until it is a complete content', async drivers => {
      const { ledger, contents, streams } = drivers
      const content = sampleContent(3)
      await contents.declare(content, sampleManifest(3))
      await ledger.reserve(content.blob, FULL, capacity)
      await contents.commitBlocks(content, content.blob, [[0, 1]])
      expect(await ledger.isReserved(content.blob)).toBe(true)
      await contents.commitBlocks(content, content.blob, [[0, 3]])
      expect(await ledger.isReserved(content.blob)).toBe(false)

      const stream = sampleStream()
      const blocks = streamBlocksOf([FULL])
      await streams.create(stream)
      for (const block of blocks) await streams.claim(stream, stream.blob, block)
      await ledger.reserve(stream.blob, 0, capacity)
      await streams.commit(stream, stream.blob, [[0, 1]])
      expect(await ledger.isReserved(stream.blob)).toBe(true)
      await ledger.release(stream.blob)
      expect(await ledger.isReserved(stream.blob)).toBe(false)
    })

    test('knows the blobs of contents, streams and reservations', async ({ ledger, contents, streams }) => {
      const content = sampleContent(1)
      const stream = sampleStream()
      await contents.declare(content, sampleManifest(1))
      await streams.create(stream)
      for (const block of streamBlocksOf([FULL])) await streams.claim(stream, stream.blob, block)
      await ledger.reserve('reserved', 1, capacity)
      for (const blob of [content.blob, stream.blob, 'reserved'])
        expect(await ledger.isNamed(blob)).toBe(true)
      await contents.delete(content, content.blob)
      await streams.delete(stream, stream.blob)
      await ledger.release('reserved')
      for (const blob of [content.blob, stream.blob, 'reserved'])
        expect(await ledger.isNamed(blob)).toBe(false)
    })

    test('lets nothing be taken for unused that room is reserved for', async ({
      ledger,
      contents,
      streams,
    }) => {
      const content = sampleContent(1, { expiresAt: 10 })
      const stream = sampleStream({ expiresAt: 10 })
      await contents.declare(content, sampleManifest(1))
      await streams.create(stream)
      for (const { blob } of [content, stream]) {
        expect(await ledger.isReserved(blob)).toBe(false)
        await ledger.reserve(blob, 1, capacity)
        expect(await ledger.isReserved(blob)).toBe(true)
      }
      expect(await contents.delete(content, content.blob, { expiredAt: 20, at: 20 })).toBe(false)
      expect(await streams.delete(stream, stream.blob, 20)).toBeUndefined()
      for (const { blob } of [content, stream]) {
        await ledger.release(blob)
        expect(await ledger.isReserved(blob)).toBe(false)
      }
      expect(await contents.delete(content, content.blob, { expiredAt: 20, at: 20 })).toBe(true)
      expect(await streams.delete(stream, stream.blob, 20)).toBeDefined()
    })
  })
}

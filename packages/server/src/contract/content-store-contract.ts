import { describe, expect, it } from 'vitest'
import type { ContentStore } from '../ports/content-store.js'
import { spaceOf } from '../ports/space.js'
import { contentBlocksContract } from './content-blocks-contract.js'
import { type OpenPort, withPort } from './opened.js'
import { sampleContent, sampleKey, sampleManifest, sampleRef } from './samples.js'

/** What every content store must do. */
export function contentStoreContract(name: string, open: OpenPort<ContentStore>): void {
  const test = (title: string, use: (store: ContentStore) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as a content store`, () => {
    test('knows nothing at first', async store => {
      const ref = sampleRef()
      expect(await store.get(ref)).toBeUndefined()
      expect(await store.manifest(ref, 'blob')).toBeUndefined()
      expect(await store.blockMap(ref, 'blob')).toBeUndefined()
      expect(await store.commitBlocks(ref, 'blob', [[0, 1]])).toBeUndefined()
      expect(await store.extend(ref, 10)).toBe(false)
      expect(await store.delete(ref, 'blob')).toBe(false)
      expect(await store.dependents(ref)).toEqual([])
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    })

    test('declares a content of which no block is present', async store => {
      const content = sampleContent(3)
      expect(await store.declare(content, sampleManifest(3))).toEqual({ ...content, missingBlocks: 3 })
      expect(await store.get(content)).toEqual({ ...content, missingBlocks: 3 })
      expect((await store.blockMap(content, content.blob))?.missing()).toEqual([[0, 3]])
    })

    test('declares the empty content as complete', async store => {
      const content = sampleContent(0)
      expect(await store.declare(content, sampleManifest(0))).toEqual({ ...content, missingBlocks: 0 })
      expect(await store.manifest(content, content.blob)).toHaveLength(0)
      expect((await store.blockMap(content, content.blob))?.isComplete).toBe(true)
    })

    test('changes nothing when a content is declared again', async store => {
      const content = sampleContent(2)
      await store.declare(content, sampleManifest(2))
      await store.commitBlocks(content, content.blob, [[1, 1]])
      const record = { ...content, missingBlocks: 1 }
      const again = sampleContent(2, { expiresAt: 5, createdAt: 5 })
      expect(await store.declare(again, sampleManifest(2))).toEqual(record)
      expect(await store.declare(content, sampleManifest(2))).toEqual(record)
      expect(await store.get(content)).toEqual(record)
      expect(bytes(await store.manifest(content, content.blob))).toEqual(sampleManifest(2))
      expect(await store.manifest(content, again.blob)).toBeUndefined()
      expect(await store.expired(5, 10)).toEqual([])
    })

    test('lets one of many declarers win', async store => {
      const contents = Array.from({ length: 10 }, () => sampleContent(2))
      const records = await Promise.all(contents.map(content => store.declare(content, sampleManifest(2))))
      expect(new Set(records.map(record => record.blob)).size).toBe(1)
      expect(bytes(await store.manifest(sampleRef(), records[0]!.blob))).toEqual(sampleManifest(2))
    })

    test('gives a long manifest back', async store => {
      const content = sampleContent(5000)
      await store.declare(content, sampleManifest(5000))
      expect(bytes(await store.manifest(content, content.blob))).toEqual(sampleManifest(5000))
    })

    test('keeps the spaces apart', async store => {
      const shared = sampleContent(2)
      const own = sampleContent(2, { space: spaceOf('tests', 'ada') })
      await store.declare(shared, sampleManifest(2))
      expect(await store.get(own)).toBeUndefined()
      await store.declare(own, sampleManifest(2))
      await store.commitBlocks(own, own.blob, [[0, 2]])
      expect((await store.get(shared))?.missingBlocks).toBe(2)
      expect((await store.get(own))?.missingBlocks).toBe(0)
    })

    test('knows a content by its blob only', async store => {
      const content = sampleContent(2)
      await store.declare(content, sampleManifest(2))
      expect(await store.manifest(content, 'other')).toBeUndefined()
      expect(await store.blockMap(content, 'other')).toBeUndefined()
      expect(await store.commitBlocks(content, 'other', [[0, 2]])).toBeUndefined()
      expect(await store.delete(content, 'other')).toBe(false)
      expect((await store.get(content))?.missingBlocks).toBe(2)
    })

    test('publishes a content as complete', async store => {
      const content = sampleContent(3)
      expect(await store.publish(content, sampleManifest(3))).toEqual({
        record: { ...content, missingBlocks: 0 },
      })
      expect((await store.blockMap(content, content.blob))?.isComplete).toBe(true)
      expect(bytes(await store.manifest(content, content.blob))).toEqual(sampleManifest(3))
    })

    test('keeps a complete content when it is published again', async store => {
      const first = sampleContent(2)
      const second = sampleContent(2, { expiresAt: 9 })
      const record = { ...first, missingBlocks: 0 }
      await store.publish(first, sampleManifest(2))
      expect(await store.publish(second, sampleManifest(2))).toEqual({ record, unused: second.blob })
      expect(await store.publish(first, sampleManifest(2))).toEqual({ record })
      expect(await store.manifest(first, second.blob)).toBeUndefined()
      expect(bytes(await store.manifest(first, first.blob))).toEqual(sampleManifest(2))
    })

    test('replaces a partial content when it is published', async store => {
      const partial = sampleContent(2, { expiresAt: 9 })
      const whole = sampleContent(2)
      await store.declare(partial, sampleManifest(2))
      await store.commitBlocks(partial, partial.blob, [[0, 1]])
      await store.addDependent(partial, sampleKey('entry'))
      const record = { ...whole, missingBlocks: 0 }
      expect(await store.publish(whole, sampleManifest(2))).toEqual({ record, unused: partial.blob })
      expect(await store.get(partial)).toEqual(record)
      expect(await store.commitBlocks(partial, partial.blob, [[1, 1]])).toBeUndefined()
      expect(await store.dependents(whole)).toEqual([sampleKey('entry')])
      expect(await store.expired(9, 10)).toEqual([])
    })

    test('extends the life of a content and never shortens it', async store => {
      const content = sampleContent(1, { expiresAt: 100 })
      await store.declare(content, sampleManifest(1))
      expect(await store.extend(content, 200)).toBe(true)
      expect(await store.extend(content, 150)).toBe(true)
      expect((await store.get(content))?.expiresAt).toBe(200)
      expect(await store.expired(199, 10)).toEqual([])
      expect(await store.expired(200, 10)).toHaveLength(1)
    })

    test('deletes a content with all that belongs to it', async store => {
      const content = sampleContent(3)
      await store.declare(content, sampleManifest(3))
      await store.commitBlocks(content, content.blob, [[0, 2]])
      await store.addDependent(content, sampleKey('entry'))
      expect(await store.delete(content, content.blob)).toBe(true)
      expect(await store.get(content)).toBeUndefined()
      expect(await store.manifest(content, content.blob)).toBeUndefined()
      expect(await store.dependents(content)).toEqual([])
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
      expect(await store.delete(content, content.blob)).toBe(false)
      const anew = sampleContent(3)
      expect((await store.declare(anew, sampleManifest(3))).missingBlocks).toBe(3)
      expect(await store.commitBlocks(content, content.blob, [[0, 3]])).toBeUndefined()
    })

    test('keeps a content that was extended since it was found expired', async store => {
      const content = sampleContent(1, { expiresAt: 10 })
      await store.declare(content, sampleManifest(1))
      const found = await store.expired(20, 1)
      await store.extend(content, 30)
      expect(found).toHaveLength(1)
      expect(await store.delete(content, content.blob, { expiredAt: 20, at: 0 })).toBe(false)
      expect(await store.get(content)).toMatchObject({ expiresAt: 30 })
      expect(await store.delete(content, content.blob, { expiredAt: 30, at: 0 })).toBe(true)
    })

    test('keeps a content that is held, until the hold has ended', async store => {
      const content = sampleContent(1, { expiresAt: 10 })
      await store.declare(content, sampleManifest(1))
      await store.extend(content, 5, 100)
      await store.extend(content, 10, 50)
      expect(await store.get(content)).toMatchObject({ expiresAt: 10, heldUntil: 100 })
      expect(await store.delete(content, content.blob, { expiredAt: 10, at: 99 })).toBe(false)
      expect(await store.delete(content, content.blob, { expiredAt: 10, at: 100 })).toBe(true)
    })

    test('keeps what is held anew when the hold before is over', async store => {
      const content = sampleContent(1, { expiresAt: 10 })
      await store.declare(content, sampleManifest(1))
      await store.extend(content, 10, 101)
      expect(await store.delete(content, content.blob, { expiredAt: 10, at: 50, over: 100 })).toBe(false)
      expect(await store.delete(content, content.blob, { expiredAt: 10, at: 50, over: 101 })).toBe(true)
    })

    test('withdraws damaged blocks, of complete contents as well', async store => {
      const content = sampleContent(3)
      await store.publish(content, sampleManifest(3))
      expect(await store.withdraw(content, 'other', [[0, 1]])).toBeUndefined()
      expect(await store.withdraw(content, content.blob, [])).toMatchObject({ missingBlocks: 0 })
      expect(await store.withdraw(content, content.blob, [[1, 1]])).toMatchObject({ missingBlocks: 1 })
      expect(await store.withdraw(content, content.blob, [[1, 2]])).toMatchObject({ missingBlocks: 2 })
      expect((await store.blockMap(content, content.blob))?.missing()).toEqual([[1, 2]])
      const last = await store.commitBlocks(content, content.blob, [[1, 2]])
      expect(last).toMatchObject({ completed: true, record: { missingBlocks: 0 } })
    })

    test('gives out all contents', async store => {
      const names = Array.from({ length: 250 }, (_, index) => `${index}`)
      for (const name of names) await store.declare(sampleContent(1, sampleRef(name)), sampleManifest(1))
      const ids: string[] = []
      for await (const { id } of store.all()) ids.push(id)
      expect(ids.toSorted()).toEqual(names.map(name => sampleRef(name).id).toSorted())
    })

    test('remembers the entries that wait for a content, known or not', async store => {
      const ref = sampleRef()
      await store.addDependent(ref, sampleKey('a'))
      await store.addDependent(ref, sampleKey('b'))
      await store.addDependent(ref, sampleKey('a'))
      await store.addDependent(sampleRef('other'), sampleKey('c'))
      expect((await store.dependents(ref)).toSorted()).toEqual([sampleKey('a'), sampleKey('b')].toSorted())
      await store.declare(sampleContent(1), sampleManifest(1))
      await store.removeDependent(ref, sampleKey('a'))
      await store.removeDependent(ref, sampleKey('unknown'))
      expect(await store.dependents(ref)).toEqual([sampleKey('b')])
    })

    test('gives out what has expired, the earliest first', async store => {
      for (const expiresAt of [50, 10, 30, 20]) {
        await store.declare(sampleContent(1, { ...sampleRef(`${expiresAt}`), expiresAt }), sampleManifest(1))
      }
      const expired = async (time: number, limit: number) =>
        (await store.expired(time, limit)).map(record => record.expiresAt)
      expect(await expired(9, 10)).toEqual([])
      expect(await expired(30, 10)).toEqual([10, 20, 30])
      expect(await expired(100, 2)).toEqual([10, 20])
    })

    contentBlocksContract(open)
  })
}

/** Plain bytes: some stores give a Buffer. */
function bytes(value: Uint8Array | undefined): Uint8Array | undefined {
  return value && new Uint8Array(value)
}

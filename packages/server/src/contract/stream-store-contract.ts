import { describe, expect, it } from 'vitest'
import { spaceOf } from '../ports/space.js'
import type { StreamStore } from '../ports/stream-store.js'
import { type OpenPort, withPort } from './opened.js'
import { endOf, FULL, sampleKey, sampleStream, sampleStreamRef, streamBlocksOf } from './samples.js'
import { streamBlocksContract } from './stream-blocks-contract.js'

/** What every stream store must do. */
export function streamStoreContract(name: string, open: OpenPort<StreamStore>): void {
  const test = (title: string, use: (store: StreamStore) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as a stream store`, () => {
    test('knows nothing at first', async store => {
      const ref = sampleStreamRef()
      const [block] = streamBlocksOf([5])
      expect(await store.get(ref)).toBeUndefined()
      expect(await store.claim(ref, 'blob', block!)).toBe('closed')
      expect(await store.commit(ref, 'blob', [[0, 1]])).toBeUndefined()
      expect(await store.blocks(ref, 'blob', [0, 10])).toEqual([])
      expect(await store.blockMap(ref, 'blob')).toBeUndefined()
      expect(await store.seal(ref, 'blob', endOf([]))).toBeUndefined()
      expect(await store.manifest(ref, 'blob')).toBeUndefined()
      expect(await store.extend(ref, 10)).toBe(false)
      expect(await store.delete(ref, 'blob')).toBeUndefined()
      expect(await store.dependents(ref)).toEqual([])
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
      await store.finishSeal(ref, 'blob')
      expect(await store.get(ref)).toBeUndefined()
    })

    test('creates an open stream without blocks', async store => {
      const stream = sampleStream()
      const record = { ...stream, presentBlocks: 0, phase: { state: 'OPEN' } }
      expect(await store.create(stream)).toEqual(record)
      expect(await store.get(stream)).toEqual(record)
      expect((await store.blockMap(stream, stream.blob))?.blocks).toBe(0)
    })

    test('changes nothing when a stream is created again', async store => {
      const stream = sampleStream()
      const [block] = streamBlocksOf([5])
      await store.create(stream)
      await store.claim(stream, stream.blob, block!)
      const record = await store.commit(stream, stream.blob, [[0, 1]])
      expect(await store.create(sampleStream({ owner: 'bob', expiresAt: 5 }))).toEqual(record)
      expect(await store.get(stream)).toEqual(record)
      expect(await store.expired(5, 10)).toEqual([])
    })

    test('lets one of many creators win', async store => {
      const streams = Array.from({ length: 10 }, () => sampleStream())
      const records = await Promise.all(streams.map(stream => store.create(stream)))
      expect(new Set(records.map(record => record.blob)).size).toBe(1)
    })

    test('keeps the spaces apart', async store => {
      const shared = sampleStream()
      const own = sampleStream({ space: spaceOf('tests', 'ada') })
      const [block] = streamBlocksOf([5])
      await store.create(shared)
      expect(await store.get(own)).toBeUndefined()
      await store.create(own)
      await store.claim(own, own.blob, block!)
      await store.commit(own, own.blob, [[0, 1]])
      expect((await store.get(shared))?.presentBlocks).toBe(0)
      expect((await store.get(own))?.presentBlocks).toBe(1)
    })

    test('knows a stream by its blob only', async store => {
      const stream = sampleStream()
      const [block] = streamBlocksOf([5])
      await store.create(stream)
      await store.claim(stream, stream.blob, block!)
      expect(await store.claim(stream, 'other', block!)).toBe('closed')
      expect(await store.commit(stream, 'other', [[0, 1]])).toBeUndefined()
      expect(await store.blocks(stream, 'other', [0, 1])).toEqual([])
      expect(await store.blockMap(stream, 'other')).toBeUndefined()
      expect(await store.seal(stream, 'other', endOf([]))).toBeUndefined()
      expect(await store.delete(stream, 'other')).toBeUndefined()
      expect((await store.get(stream))?.presentBlocks).toBe(0)
    })

    test('withdraws damaged blocks, which are summed again when they come again', async store => {
      const stream = sampleStream()
      const blocks = streamBlocksOf([FULL, 5])
      await store.create(stream)
      for (const block of blocks) await store.claim(stream, stream.blob, block)
      await store.commit(stream, stream.blob, [[0, 2]])
      expect(await store.withdraw(stream, 'other', [[0, 1]])).toBeUndefined()
      expect(await store.withdraw(stream, stream.blob, [[0, 1]])).toMatchObject({ presentBlocks: 1 })
      expect(await store.withdraw(stream, stream.blob, [[0, 1]])).toMatchObject({ presentBlocks: 1 })
      expect(await store.seal(stream, stream.blob, endOf(blocks))).toHaveProperty('objection')
      await store.commit(stream, stream.blob, [[0, 1]])
      expect(await store.seal(stream, stream.blob, endOf(blocks))).toHaveProperty('sealed')
      const found = []
      for await (const { id } of store.all()) found.push(id)
      expect(found).toEqual([stream.id])
    })

    test('extends the life of a stream and never shortens it', async store => {
      const stream = sampleStream({ expiresAt: 100 })
      await store.create(stream)
      expect(await store.extend(stream, 200)).toBe(true)
      expect(await store.extend(stream, 150)).toBe(true)
      expect((await store.get(stream))?.expiresAt).toBe(200)
      expect(await store.expired(199, 10)).toEqual([])
      expect(await store.expired(200, 10)).toHaveLength(1)
    })

    test('deletes a stream with all that belongs to it', async store => {
      const stream = sampleStream()
      const [block] = streamBlocksOf([5])
      await store.create(stream)
      await store.claim(stream, stream.blob, block!)
      const record = await store.commit(stream, stream.blob, [[0, 1]])
      await store.addDependent(stream, sampleKey('entry'))
      expect(await store.delete(stream, stream.blob)).toEqual(record)
      expect(await store.get(stream)).toBeUndefined()
      expect(await store.blocks(stream, stream.blob, [0, 1])).toEqual([])
      expect(await store.dependents(stream)).toEqual([])
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
      expect(await store.delete(stream, stream.blob)).toBeUndefined()
      const anew = sampleStream()
      expect((await store.create(anew)).presentBlocks).toBe(0)
      expect(await store.commit(stream, stream.blob, [[0, 1]])).toBeUndefined()
      expect(await store.commit(anew, anew.blob, [[0, 1]])).toMatchObject({ presentBlocks: 0 })
    })

    test('keeps a stream that was extended since it was found expired', async store => {
      const stream = sampleStream({ expiresAt: 10 })
      await store.create(stream)
      expect(await store.expired(20, 1)).toHaveLength(1)
      await store.extend(stream, 30)
      expect(await store.delete(stream, stream.blob, 20)).toBeUndefined()
      expect(await store.get(stream)).toMatchObject({ expiresAt: 30 })
      expect(await store.delete(stream, stream.blob, 30)).toMatchObject({ blob: stream.blob })
    })

    test('remembers the entries that wait for a stream, known or not', async store => {
      const ref = sampleStreamRef()
      await store.addDependent(ref, sampleKey('a'))
      await store.addDependent(ref, sampleKey('b'))
      await store.addDependent(ref, sampleKey('a'))
      await store.addDependent(sampleStreamRef(7), sampleKey('c'))
      expect((await store.dependents(ref)).toSorted()).toEqual([sampleKey('a'), sampleKey('b')].toSorted())
      await store.create(sampleStream())
      await store.removeDependent(ref, sampleKey('a'))
      await store.removeDependent(ref, sampleKey('unknown'))
      expect(await store.dependents(ref)).toEqual([sampleKey('b')])
    })

    test('gives out what has expired, the earliest first', async store => {
      for (const expiresAt of [50, 10, 30, 20]) {
        await store.create(sampleStream({ ...sampleStreamRef(expiresAt), expiresAt }))
      }
      const expired = async (time: number, limit: number) =>
        (await store.expired(time, limit)).map(record => record.expiresAt)
      expect(await expired(9, 10)).toEqual([])
      expect(await expired(30, 10)).toEqual([10, 20, 30])
      expect(await expired(100, 2)).toEqual([10, 20])
    })

    streamBlocksContract(open)
  })
}

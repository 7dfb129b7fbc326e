import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryRecord, EntryStore } from '../ports/entry-store.js'
import { spaceOf } from '../ports/space.js'
import { entryListContract } from './entry-list-contract.js'
import { type OpenPort, withPort } from './opened.js'
import { changed, SPACE, sampleEntry, sampleKey } from './samples.js'

/** What every entry store must do. */
export function entryStoreContract(name: string, open: OpenPort<EntryStore>): void {
  const test = (title: string, use: (store: EntryStore) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe(`${name} as an entry store`, () => {
    test('knows nothing at first', async store => {
      expect(await store.get(SPACE, sampleKey('entry'))).toBeUndefined()
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    })

    test('gives every member of a record back', async store => {
      const params = JSON.parse(
        '{"__proto__":{"a":1},"":null,"größe":[1.5,-0.1,1e300,true,"\\u0000 "],"o":{}}',
      )
      const entry = sampleEntry({
        descriptor: { v: 1, content: sampleKey('x'), operation: { name: 'copy', params }, salt: 'salt' },
        source: sampleKey('x') as never,
        phase: { state: 'PROCESSING', lostWorkers: 2, progress: { fraction: 0.25, message: 'page 1' } },
      })
      expect(await store.compareAndSet(entry, 0)).toBe(true)
      const stored = await store.get(entry.space, entry.key)
      expect(stored).toEqual(entry)
      expect(JSON.stringify(stored?.descriptor)).toBe(JSON.stringify(entry.descriptor))
    })

    test('counts what is there', async store => {
      const entries = [sampleEntry({ name: 'a' }), sampleEntry({ name: 'b' })]
      for (const entry of entries) await store.compareAndSet(entry, 0)
      await store.compareAndSet(changed(entries[0]!, { attempt: 1 }), 1)
      expect(await store.count()).toBe(2)
      await store.delete(entries[1]!.space, entries[1]!.key, 1)
      expect(await store.count()).toBe(1)
    })

    test('creates only where nothing is stored', async store => {
      const entry = sampleEntry()
      expect(await store.compareAndSet(entry, 0)).toBe(true)
      expect(await store.compareAndSet(sampleEntry({ creator: 'bob' }), 0)).toBe(false)
      expect(await store.get(entry.space, entry.key)).toEqual(entry)
    })

    test('changes only at the expected revision', async store => {
      const entry = sampleEntry()
      const second = changed(entry, { attempt: 1 })
      expect(await store.compareAndSet(second, 1)).toBe(false)
      expect(await store.compareAndSet(entry, 0)).toBe(true)
      expect(await store.compareAndSet(second, 1)).toBe(true)
      expect(await store.compareAndSet(changed(entry, { attempt: 7, expiresAt: 5 }), 1)).toBe(false)
      expect(await store.get(entry.space, entry.key)).toEqual(second)
      expect(await store.expired(5, 10)).toEqual([])
    })

    test('keeps the spaces apart', async store => {
      const spaces = [
        spaceOf('tests'),
        spaceOf('tests', 'ada'),
        spaceOf('tests', 'a'.repeat(256)),
        spaceOf('test'),
      ]
      const entries = spaces.map(space => sampleEntry({ space }))
      for (const entry of entries) expect(await store.compareAndSet(entry, 0)).toBe(true)
      for (const entry of entries) expect(await store.get(entry.space, entry.key)).toEqual(entry)
    })

    test('deletes only at the expected revision', async store => {
      const entry = sampleEntry()
      expect(await store.delete(entry.space, entry.key, 1)).toBe(false)
      await store.compareAndSet(entry, 0)
      expect(await store.delete(entry.space, entry.key, 2)).toBe(false)
      expect(await store.get(entry.space, entry.key)).toEqual(entry)
      expect(await store.delete(entry.space, entry.key, 1)).toBe(true)
      expect(await store.get(entry.space, entry.key)).toBeUndefined()
      expect(await store.expired(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
      expect((await store.list({ namespace: 'tests', creator: 'ada', limit: 10 })).entries).toEqual([])
      expect(await store.delete(entry.space, entry.key, 1)).toBe(false)
    })

    test('lets one of many creators win', async store => {
      const entries = Array.from({ length: 20 }, () => sampleEntry())
      const won = await Promise.all(entries.map(entry => store.compareAndSet(entry, 0)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await store.get(SPACE, sampleKey('entry'))).toEqual(entries[won.indexOf(true)])
    })

    it('loses no change of those who change at the same time', async () => {
      const turns = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 2, maxLength: 6 })
      await fc.assert(
        fc.asyncProperty(turns, async counts => {
          await withPort(open, async store => {
            await store.compareAndSet(sampleEntry(), 0)
            await Promise.all(counts.map(count => increment(store, count)))
            const sum = counts.reduce((a, b) => a + b, 0)
            expect(await store.get(SPACE, sampleKey('entry'))).toMatchObject({
              attempt: sum,
              revision: sum + 1,
            })
          })
        }),
        { numRuns: 10 },
      )
    })

    test('gives out what has expired, the earliest first', async store => {
      const times = [50, 10, 30, 20, 40]
      for (const expiresAt of times)
        await store.compareAndSet(sampleEntry({ name: `${expiresAt}`, expiresAt }), 0)
      const expired = async (time: number, limit: number) =>
        (await store.expired(time, limit)).map(entry => entry.expiresAt)
      expect(await expired(9, 10)).toEqual([])
      expect(await expired(10, 10)).toEqual([10])
      expect(await expired(39, 10)).toEqual([10, 20, 30])
      expect(await expired(100, 2)).toEqual([10, 20])
    })

    test('gives out all of them, also while they are deleted', async store => {
      const names = Array.from({ length: 250 }, (_, index) => `${index}`)
      for (const name of names) await store.compareAndSet(sampleEntry({ name }), 0)
      const keys: string[] = []
      for await (const { space, key, revision } of store.all()) {
        keys.push(key)
        await store.delete(space, key, revision)
      }
      expect(keys.toSorted()).toEqual(names.map(sampleKey).toSorted())
      expect(await store.count()).toBe(0)
    })

    test('forgets the time at which an entry would have expired', async store => {
      const entry = sampleEntry({ expiresAt: 10 })
      await store.compareAndSet(entry, 0)
      const later = changed(entry, { expiresAt: 20 })
      await store.compareAndSet(later, 1)
      expect(await store.expired(19, 10)).toEqual([])
      expect(await store.expired(20, 10)).toEqual([later])
    })

    entryListContract(open)
  })
}

async function increment(store: EntryStore, count: number): Promise<void> {
  for (let done = 0; done < count; ) {
    const entry = (await store.get(SPACE, sampleKey('entry'))) as EntryRecord
    if (await store.compareAndSet(changed(entry, { attempt: entry.attempt + 1 }), entry.revision)) done += 1
  }
}

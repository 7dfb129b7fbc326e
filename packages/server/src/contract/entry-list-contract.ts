import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EntryQuery, EntryRecord, EntryStore } from '../ports/entry-store.js'
import { spaceOf } from '../ports/space.js'
import { type OpenPort, withPort } from './opened.js'
import { changed, sampleEntry } from './samples.js'

type Filter = Omit<EntryQuery, 'limit' | 'cursor'>

const ADA: Filter = { namespace: 'tests', creator: 'ada' }

/** How an entry store lists. */
export function entryListContract(open: OpenPort<EntryStore>): void {
  const test = (title: string, use: (store: EntryStore) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe('listing', () => {
    test("gives a user's entries of all spaces, the newest first", async store => {
      const entries = [
        sampleEntry({ name: 'a', createdAt: 1 }),
        sampleEntry({ name: 'a', createdAt: 3, space: spaceOf('tests', 'ada') }),
        sampleEntry({ name: 'c', createdAt: 2 }),
      ]
      await addAll(store, [...entries, sampleEntry({ name: 'd', creator: 'bob' })])
      await addAll(store, [sampleEntry({ name: 'e', namespace: 'other' })])
      expect(await all(store, ADA, 10)).toEqual([entries[1], entries[2], entries[0]])
    })

    test('keeps users apart whatever their names', async store => {
      const users = [
        ['a', 'b/c'],
        ['a/b', 'c'],
        ['a', 'b'],
        ['a', 'b\u0000'],
        ['a', 'é'.repeat(256)],
        ['', ''],
      ] as const
      const entries = users.map(([namespace, creator]) =>
        sampleEntry({
          name: namespace + creator.length + creator,
          namespace,
          creator,
          space: spaceOf(namespace),
        }),
      )
      await addAll(store, entries)
      for (const entry of entries) expect(await all(store, entry, 10)).toEqual([entry])
    })

    test('gives the entries of one state', async store => {
      const waiting = sampleEntry({ name: 'a', createdAt: 1 })
      const running = changed(waiting, { phase: { state: 'PROCESSING', lostWorkers: 0 } })
      const other = sampleEntry({ name: 'b', createdAt: 2 })
      await addAll(store, [waiting, other])
      expect(await all(store, { ...ADA, state: 'UPLOADING' }, 1)).toEqual([other, waiting])
      await store.compareAndSet(running, 1)
      expect(await all(store, { ...ADA, state: 'UPLOADING' }, 10)).toEqual([other])
      expect(await all(store, { ...ADA, state: 'PROCESSING' }, 10)).toEqual([running])
      expect(await all(store, { ...ADA, state: 'FAILED' }, 10)).toEqual([])
      expect(await all(store, ADA, 10)).toEqual([other, running])
    })

    test('gives an empty page for a malformed cursor', async store => {
      await addAll(store, [sampleEntry()])
      const texts = ['', 'null', '[]', '{}', '[1,2,3]', '["a","b","c"]', `[1,"a","${'b'.repeat(4000)}"]`]
      const cursors = ['', '!', 'x', '\u0000', ...texts.map(text => Buffer.from(text).toString('base64url'))]
      for (const cursor of cursors) {
        expect(await store.list({ ...ADA, limit: 10, cursor }), cursor).toEqual({ entries: [] })
      }
    })

    test('visits every entry that existed throughout, once, while others come and go', async store => {
      const entries = Array.from({ length: 12 }, (_, index) =>
        sampleEntry({ name: `kept ${index}`, createdAt: 100 + (index >> 1) }),
      )
      const passing = Array.from({ length: 12 }, (_, index) =>
        sampleEntry({ name: `passing ${index}`, createdAt: 100 + (index >> 1) }),
      )
      await addAll(store, [...entries, ...passing])
      const seen: EntryRecord[] = []
      for (let cursor: string | undefined, page = 0; ; page++) {
        const { entries: found, next } = await store.list({ ...ADA, limit: 3, ...(cursor && { cursor }) })
        seen.push(...found)
        if (!next) break
        cursor = next
        const gone = passing[page]
        if (gone) await store.delete(gone.space, gone.key, 1)
        await addAll(store, [sampleEntry({ name: `new ${page}`, createdAt: 100 + page })])
      }
      const names = seen.map(entry => entry.key)
      expect(new Set(names).size).toBe(names.length)
      for (const entry of entries) expect(names).toContain(entry.key)
    })

    it('gives the same order in pages of any size', async () => {
      const times = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 })
      await fc.assert(
        fc.asyncProperty(times, fc.integer({ min: 1, max: 5 }), async (createdAts, limit) => {
          await withPort(open, async store => {
            const entries = createdAts.map((createdAt, index) => sampleEntry({ name: `${index}`, createdAt }))
            await addAll(store, entries)
            const listed = await all(store, ADA, limit)
            expect(listed).toEqual(await all(store, ADA, 100))
            expect(listed).toHaveLength(entries.length)
            expect(listed.map(entry => entry.createdAt)).toEqual(createdAts.toSorted((a, b) => b - a))
          })
        }),
        { numRuns: 10 },
      )
    })
  })
}

async function addAll(store: EntryStore, entries: readonly EntryRecord[]): Promise<void> {
  const added = await Promise.all(entries.map(entry => store.compareAndSet(entry, 0)))
  expect(added.every(Boolean)).toBe(true)
}

async function all(store: EntryStore, filter: Filter, limit: number): Promise<EntryRecord[]> {
  const { namespace, creator } = filter
  const query = { namespace, creator, limit, ...(filter.state && { state: filter.state }) }
  const entries: EntryRecord[] = []
  let page = await store.list(query)
  entries.push(...page.entries)
  while (page.next !== undefined) {
    expect(page.entries.length).toBeLessThanOrEqual(limit)
    page = await store.list({ ...query, cursor: page.next })
    entries.push(...page.entries)
  }
  return entries
}

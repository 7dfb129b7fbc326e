import { BlockMap, type BlockRange } from '@opcache/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ContentStore } from '../ports/content-store.js'
import { type OpenPort, withPort } from './opened.js'
import { sampleContent, sampleManifest } from './samples.js'

/** How a content store commits blocks. */
export function contentBlocksContract(open: OpenPort<ContentStore>): void {
  const test = (title: string, use: (store: ContentStore) => Promise<void>) =>
    it(title, () => withPort(open, use))

  describe('committing blocks', () => {
    test('marks blocks and counts those that are missing', async store => {
      const content = sampleContent(10)
      await store.declare(content, sampleManifest(10))
      const ranges: BlockRange[] = [
        [1, 2],
        [7, 1],
      ]
      const record = { ...content, missingBlocks: 7 }
      expect(await store.commitBlocks(content, content.blob, ranges)).toEqual({ record, completed: false })
      expect(await store.get(content)).toEqual(record)
      expect((await store.blockMap(content, content.blob))?.present()).toEqual(ranges)
    })

    test('changes nothing when blocks are committed again', async store => {
      const content = sampleContent(4)
      await store.declare(content, sampleManifest(4))
      for (const ranges of [
        [[1, 2]],
        [[1, 2]],
        [
          [2, 1],
          [1, 1],
          [1, 2],
        ],
        [],
      ] as BlockRange[][]) {
        const committed = await store.commitBlocks(content, content.blob, ranges)
        expect(committed).toEqual({ record: { ...content, missingBlocks: 2 }, completed: false })
      }
    })

    test('leaves blocks past the end to nobody', async store => {
      const content = sampleContent(3)
      await store.declare(content, sampleManifest(3))
      const committed = await store.commitBlocks(content, content.blob, [
        [2, 100],
        [50, 1],
      ])
      expect(committed?.record.missingBlocks).toBe(2)
      expect((await store.blockMap(content, content.blob))?.present()).toEqual([[2, 1]])
    })

    test('tells nobody a second time that a content is complete', async store => {
      const content = sampleContent(2)
      await store.declare(content, sampleManifest(2))
      const completed = async () => (await store.commitBlocks(content, content.blob, [[0, 2]]))?.completed
      expect([await completed(), await completed()]).toEqual([true, false])
    })

    test('has no content in doubt that nothing happened to, and settles no doubt that is none', async store => {
      const content = sampleContent(4)
      expect(await store.settleDoubt(content, content.blob, 1, [])).toBeUndefined()
      await store.declare(content, sampleManifest(4))
      await store.commitBlocks(content, content.blob, [[0, 3]])
      const record = { ...content, missingBlocks: 1 }
      expect(await store.get(content)).toEqual(record)
      expect(await store.settleDoubt(content, content.blob, 1, [[0, 3]])).toEqual(record)
      expect(await store.settleDoubt(content, 'other', 1, [[0, 3]])).toBeUndefined()
      expect((await store.blockMap(content, content.blob))?.present()).toEqual([[0, 3]])
    })

    it('makes the union of what any callers commit at the same time, completed for exactly one', async () => {
      const blocks = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 8185, max: 8200 }))
      const plan = blocks.chain(count =>
        fc.record({
          count: fc.constant(count),
          callers: fc.array(rangesOf(count), { minLength: 1, maxLength: 8 }),
        }),
      )
      await fc.assert(
        fc.asyncProperty(plan, async ({ count, callers }) => {
          await withPort(open, store => checkUnion(store, count, callers))
        }),
        { numRuns: 25 },
      )
    })
  })
}

/** Ranges near the beginning, the end, or all of a content of `blocks` blocks. */
function rangesOf(blocks: number): fc.Arbitrary<BlockRange[]> {
  const first = fc.oneof(
    fc.integer({ min: 0, max: Math.min(blocks - 1, 40) }),
    fc.integer({ min: Math.max(0, blocks - 40), max: blocks - 1 }),
  )
  const count = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) }, fc.constant(blocks))
  return fc.array(fc.tuple(first, count), { minLength: 1, maxLength: 4 })
}

async function checkUnion(
  store: ContentStore,
  blocks: number,
  callers: readonly (readonly BlockRange[])[],
): Promise<void> {
  const content = sampleContent(blocks)
  await store.declare(content, new Uint8Array(blocks * 32))
  const union = new BlockMap(blocks)
  for (const range of callers.flat()) union.add(range)

  const commit = (ranges: readonly BlockRange[]) => store.commitBlocks(content, content.blob, ranges)
  const committed = await Promise.all(callers.map(commit))
  const map = await store.blockMap(content, content.blob)
  expect(map?.present()).toEqual(union.present())
  expect((await store.get(content))?.missingBlocks).toBe(union.missingBlocks)

  const rest = await Promise.all(union.missing().flatMap(range => [commit([range]), commit([range])]))
  const completions = [...committed, ...rest].filter(commit => commit?.completed)
  expect(completions).toHaveLength(1)
  expect(completions[0]?.record.missingBlocks).toBe(0)
  expect((await store.blockMap(content, content.blob))?.isComplete).toBe(true)
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BlockMap, type BlockRange } from '../../src/index.js'

const MAX_BLOCKS = 40

const blocks = fc.nat(MAX_BLOCKS)
const range: fc.Arbitrary<BlockRange> = fc.tuple(fc.nat(MAX_BLOCKS + 10), fc.nat(MAX_BLOCKS + 10))
const ranges = fc.array(range, { maxLength: 10 })

function indicesOf([first, count]: BlockRange): number[] {
  return Array.from({ length: count }, (_, at) => first + at)
}

/** The plain model: the set of present blocks. */
function modelOf(blocks: number, added: readonly BlockRange[]): Set<number> {
  return new Set(added.flatMap(indicesOf).filter(index => index < blocks))
}

function mapOf(blocks: number, added: readonly BlockRange[]): BlockMap {
  const map = new BlockMap(blocks)
  for (const range of added) map.add(range)
  return map
}

function expectSame(map: BlockMap, model: ReadonlySet<number>): void {
  const all = indicesOf([0, map.blocks])
  const present = all.filter(index => model.has(index))
  const missing = all.filter(index => !model.has(index))
  expect(all.filter(index => map.has(index))).toEqual(present)
  expect(map.missingBlocks).toBe(missing.length)
  expect(map.isComplete).toBe(missing.length === 0)
  expect(map.present().flatMap(indicesOf)).toEqual(present)
  expect(map.missing().flatMap(indicesOf)).toEqual(missing)
  expectMaximal(map.present())
  expectMaximal(map.missing())
}

/** Ascending, none empty, and between two of them at least one block. */
function expectMaximal(ranges: readonly BlockRange[]): void {
  let end = -1
  for (const [first, count] of ranges) {
    expect(first).toBeGreaterThan(end)
    expect(count).toBeGreaterThan(0)
    end = first + count
  }
}

describe('BlockMap', () => {
  it('is the set of the blocks that were added', () => {
    fc.assert(
      fc.property(blocks, ranges, (blocks, added) => {
        const map = new BlockMap(blocks)
        const model = new Set<number>()
        expectSame(map, model)
        for (const range of added) {
          const fresh = indicesOf(range).filter(index => index < blocks && !model.has(index))
          expect(map.add(range)).toBe(fresh.length)
          for (const index of fresh) model.add(index)
          expectSame(map, model)
        }
      }),
    )
  })

  it('is what was added without what was removed after', () => {
    fc.assert(
      fc.property(blocks, ranges, ranges, (blocks, added, removed) => {
        const map = mapOf(blocks, added)
        const model = modelOf(blocks, added)
        for (const range of removed) {
          const present = indicesOf(range).filter(index => model.has(index))
          expect(map.remove(range)).toBe(present.length)
          for (const index of present) model.delete(index)
          expectSame(map, model)
        }
      }),
    )
  })

  it('has a whole range when it has each of its blocks', () => {
    fc.assert(
      fc.property(blocks, ranges, range, (blocks, added, asked) => {
        const model = modelOf(blocks, added)
        expect(mapOf(blocks, added).hasAll(asked)).toBe(indicesOf(asked).every(index => model.has(index)))
      }),
    )
  })

  it('answers the first ranges when it is asked for a few', () => {
    fc.assert(
      fc.property(blocks, ranges, fc.nat(6), (blocks, added, limit) => {
        const map = mapOf(blocks, added)
        expect(map.missing(limit)).toEqual(map.missing().slice(0, limit))
        expect(map.present(limit)).toEqual(map.present().slice(0, limit))
      }),
    )
  })

  it('comes back from its bytes, and can go on', () => {
    fc.assert(
      fc.property(blocks, ranges, range, (blocks, added, next) => {
        const map = mapOf(blocks, added)
        const bytes = map.toBytes()
        const restored = new BlockMap(blocks, bytes)
        expectSame(restored, modelOf(blocks, added))
        expect(restored.add(next)).toBe(map.add(next))
        expectSame(restored, modelOf(blocks, [...added, next]))
      }),
    )
  })

  it('keeps bytes of its own', () => {
    const map = mapOf(8, [[0, 1]])
    const bytes = map.toBytes()
    bytes.fill(0xff)
    expectSame(map, new Set([0]))

    const restored = new BlockMap(8, bytes)
    bytes.fill(0)
    expectSame(restored, new Set([0, 1, 2, 3, 4, 5, 6, 7]))
  })

  it('keeps block i as bit i % 8 of byte i / 8', () => {
    const map = mapOf(20, [
      [0, 1],
      [9, 2],
      [19, 1],
    ])
    expect([...map.toBytes()]).toEqual([0b1, 0b110, 0b1000])
  })

  it('is what a list of missing ranges leaves, in whatever order and however they overlap', () => {
    fc.assert(
      fc.property(blocks, ranges, (blocks, missing) => {
        const absent = modelOf(blocks, missing)
        const present = indicesOf([0, blocks]).filter(index => !absent.has(index))
        expectSame(BlockMap.fromMissing(blocks, missing), new Set(present))
      }),
    )
  })

  it('comes back from its missing ranges', () => {
    fc.assert(
      fc.property(blocks, ranges, (blocks, added) => {
        const map = mapOf(blocks, added)
        expectSame(BlockMap.fromMissing(blocks, map.missing()), modelOf(blocks, added))
      }),
    )
  })

  it('has no block past the end, however far', () => {
    const full = new BlockMap(4, Uint8Array.of(0xff))
    expect(full.missingBlocks).toBe(0)
    for (const index of [4, 7, 8, 2 ** 31, 2 ** 32, 2 ** 32 + 3, Number.MAX_SAFE_INTEGER]) {
      expect(full.has(index)).toBe(false)
      expect(full.hasAll([index, 1])).toBe(false)
      expect(full.add([index, 1])).toBe(0)
    }
  })

  it('of the empty content is complete', () => {
    const map = new BlockMap(0)
    expectSame(map, new Set())
    expect(map.isComplete).toBe(true)
    expect(map.toBytes()).toHaveLength(0)
  })
})

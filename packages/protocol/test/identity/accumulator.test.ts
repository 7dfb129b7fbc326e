import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ACCUMULATOR_BYTES, Accumulator, BLOCK_BYTES, blockLength, loadBlake3 } from '../../src/index.js'
import { hex } from '../hex.js'
import { referenceContentIdOfDigests } from '../reference-content-id.js'
import { type DigestedContent, digestedContent } from './digest-arbitrary.js'

const blake3 = await loadBlake3()

interface Block {
  index: number
  length: number
  digest: Uint8Array
}

function blocksOf({ size, digests }: DigestedContent): Block[] {
  return digests.map((digest, index) => ({ index, length: blockLength(size, index), digest }))
}

function sumOf(blocks: readonly Block[]): Accumulator {
  const sum = new Accumulator(blake3)
  for (const { index, length, digest } of blocks) sum.add(index, length, digest)
  return sum
}

/** A content, and its blocks in any order. */
const shuffled = digestedContent().chain(content => {
  const blocks = blocksOf(content)
  const order = fc.shuffledSubarray(blocks, { minLength: blocks.length, maxLength: blocks.length })
  return fc.record({ content: fc.constant(content), order })
})

describe('Accumulator', () => {
  it('starts at zero', () => {
    expect(new Accumulator(blake3).toBytes()).toEqual(new Uint8Array(ACCUMULATOR_BYTES))
  })

  it('agrees with the reference implementation for any order of blocks', () => {
    fc.assert(
      fc.property(shuffled, ({ content, order }) => {
        expect(sumOf(order).contentId(content.size)).toBe(
          referenceContentIdOfDigests(content.size, content.digests),
        )
      }),
    )
  })

  it('is what it was before a block once that block is taken out again, in any order', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(), ({ order }, seed) => {
        const kept = order.slice(0, seed % (order.length + 1))
        const sum = sumOf([...order].reverse())
        for (const { index, length, digest } of order.slice(kept.length)) sum.remove(index, length, digest)
        expect(hex(sum.toBytes())).toBe(hex(sumOf(kept).toBytes()))
      }),
    )
  })

  it('gives the same id for any partition into sums, merged in any order', () => {
    const groups = fc.array(fc.nat(3), { minLength: 12, maxLength: 12 })
    const mergeOrder = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 })
    fc.assert(
      fc.property(shuffled, groups, mergeOrder, ({ content, order }, groups, mergeOrder) => {
        const parts = [0, 1, 2, 3].map(group => sumOf(order.filter(({ index }) => groups[index] === group)))
        const sum = new Accumulator(blake3)
        for (const part of mergeOrder) sum.merge(parts[part]!)
        expect(sum.contentId(content.size)).toBe(referenceContentIdOfDigests(content.size, content.digests))
      }),
    )
  })

  it('leaves a sum that is merged into another as it was', () => {
    const part = sumOf([{ index: 0, length: 1, digest: new Uint8Array(32) }])
    const before = hex(part.toBytes())
    const whole = sumOf([{ index: 1, length: 1, digest: new Uint8Array(32) }])
    whole.merge(part)
    expect(hex(part.toBytes())).toBe(before)
    expect(hex(whole.toBytes())).not.toBe(before)
  })

  it('goes on from kept bytes', () => {
    fc.assert(
      fc.property(shuffled, fc.nat(12), ({ content, order }, kept) => {
        const resumed = new Accumulator(blake3, sumOf(order.slice(0, kept)).toBytes())
        for (const { index, length, digest } of order.slice(kept)) resumed.add(index, length, digest)
        expect(hex(resumed.toBytes())).toBe(hex(sumOf(blocksOf(content)).toBytes()))
      }),
    )
  })

  it('adds each lane mod 2^16, without a carry into the next one', () => {
    const lanes = (value: number) => {
      const bytes = new Uint8Array(ACCUMULATOR_BYTES)
      const view = new DataView(bytes.buffer)
      for (let at = 0; at < ACCUMULATOR_BYTES; at += 2) view.setUint16(at, value, true)
      return bytes
    }
    const sum = new Accumulator(blake3, lanes(0xffff))
    sum.merge(new Accumulator(blake3, lanes(3)))
    expect(sum.toBytes()).toEqual(lanes(2))
  })

  describe('gives another id when', () => {
    /** Asserts that what `alter` makes of a content's blocks has another id at the content's size. */
    function differs(minBlocks: number, alter: (blocks: Block[], pick: number) => Block[]): void {
      fc.assert(
        fc.property(digestedContent(minBlocks), fc.nat(), (content, pick) => {
          const altered = alter(blocksOf(content), pick)
          expect(sumOf(altered).contentId(content.size)).not.toBe(
            referenceContentIdOfDigests(content.size, content.digests),
          )
        }),
      )
    }

    it('two blocks are swapped', () => {
      differs(2, (blocks, pick) => {
        const a = pick % blocks.length
        const b = (a + 1) % blocks.length
        return blocks.map(block => {
          if (block.index === a) return { ...block, digest: blocks[b]!.digest }
          if (block.index === b) return { ...block, digest: blocks[a]!.digest }
          return block
        })
      })
    })

    it('a digest is altered in one bit', () => {
      differs(1, (blocks, pick) => {
        const digest = blocks[pick % blocks.length]!.digest.slice()
        digest[(pick >> 3) & 31]! ^= 1 << (pick & 7)
        return blocks.map((block, index) => (index === pick % blocks.length ? { ...block, digest } : block))
      })
    })

    it('a block is dropped', () => {
      differs(1, (blocks, pick) => blocks.filter(({ index }) => index !== pick % blocks.length))
    })

    it('a block is added twice', () => {
      differs(1, (blocks, pick) => [...blocks, blocks[pick % blocks.length]!])
    })

    it('a block comes once more under the next index', () => {
      differs(1, (blocks, pick) => [...blocks, { ...blocks[pick % blocks.length]!, index: blocks.length }])
    })

    it('a block is taken to have another length', () => {
      differs(1, (blocks, pick) =>
        blocks.map(block =>
          block.index === pick % blocks.length
            ? { ...block, length: (block.length % BLOCK_BYTES) + 1 }
            : block,
        ),
      )
    })

    it('the content is taken to have another size', () => {
      fc.assert(
        fc.property(digestedContent(), fc.integer({ min: 1, max: BLOCK_BYTES }), (content, more) => {
          const sum = sumOf(blocksOf(content))
          expect(sum.contentId(content.size + more)).not.toBe(sum.contentId(content.size))
        }),
      )
    })
  })
})

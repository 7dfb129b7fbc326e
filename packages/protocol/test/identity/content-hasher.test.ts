import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_BYTES, ContentHasher, hashContent, loadNative, manifestContentId } from '../../src/index.js'
import { cyclingBytes } from '../cycling-bytes.js'
import { engines } from '../engines.js'
import { hex } from '../hex.js'
import { referenceContentId, referenceContentIdOfDigests } from '../reference-content-id.js'

/** Sizes around the borders of up to three blocks. */
const size = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: -3, max: 3 }))
  .map(([blocks, more]) => Math.max(0, blocks * BLOCK_BYTES + more))

/** Where to cut: anywhere, and around the borders of blocks. */
const cut = fc.oneof(size, fc.integer({ min: 0, max: 3 * BLOCK_BYTES }))

describe.each(engines)('ContentHasher (%s)', (_, blake3) => {
  it('agrees with the reference implementation for any chunking', () => {
    fc.assert(
      fc.property(size, fc.nat(250), fc.array(cut, { maxLength: 8 }), (size, start, cuts) => {
        const content = cyclingBytes(size, start)
        const hasher = new ContentHasher(blake3)
        let from = 0
        for (const to of [...cuts.filter(at => at < size).sort((a, b) => a - b), size]) {
          hasher.update(content.subarray(from, to))
          from = to
          expect(hasher.size).toBe(to)
        }
        const identity = hasher.finish()
        expect(identity.size).toBe(size)
        expect(identity.id).toBe(referenceContentId(content))
        expect(manifestContentId(blake3, size, identity.manifest)).toBe(identity.id)
      }),
      { numRuns: 25 },
    )
  })

  it('gives small contents that differ in a bit different ids', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (content, bit) => {
        const other = content.slice()
        other[(bit >> 3) % other.length]! ^= 1 << (bit & 7)
        expect(hashContent(blake3, other).id).not.toBe(hashContent(blake3, content).id)
      }),
    )
  })

  it('tells a content from the same one with zeros appended', () => {
    const ids = [0, 1, 2, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1].map(
      size => hashContent(blake3, new Uint8Array(size)).id,
    )
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('takes chunks that its caller uses again', () => {
    const chunk = cyclingBytes(1000)
    const hasher = new ContentHasher(blake3)
    hasher.update(chunk)
    chunk.fill(0)
    hasher.update(chunk)
    const expected = Buffer.concat([cyclingBytes(1000), new Uint8Array(1000)])
    expect(hasher.finish().id).toBe(referenceContentId(expected))
  })
})

describe('ContentHasher', () => {
  it.each([63, 64, 65, 129])('keeps the whole manifest of %i blocks', async blocks => {
    const blake3 = await loadNative()
    const block = cyclingBytes(BLOCK_BYTES)
    const hasher = new ContentHasher(blake3)
    for (let index = 0; index < blocks - 1; index++) hasher.update(block)
    hasher.update(block.subarray(0, 10))

    const { id, size, manifest } = hasher.finish()
    const digests: Uint8Array[] = new Array(blocks - 1).fill(blake3.digest(block))
    digests.push(blake3.digest(block.subarray(0, 10)))
    expect(size).toBe((blocks - 1) * BLOCK_BYTES + 10)
    expect(hex(manifest)).toBe(digests.map(hex).join(''))
    expect(id).toBe(referenceContentIdOfDigests(size, digests))
  })
})

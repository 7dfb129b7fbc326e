import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  Accumulator,
  addManifestBlocks,
  BLOCK_BYTES,
  certifiesManifest,
  DIGEST_BYTES,
  loadBlake3,
  manifestContentId,
  manifestDigest,
} from '../../src/index.js'
import { referenceContentIdOfDigests } from '../reference-content-id.js'
import { digestedContent } from './digest-arbitrary.js'

const blake3 = await loadBlake3()

describe('manifestContentId', () => {
  it('agrees with the reference implementation', () => {
    fc.assert(
      fc.property(digestedContent(), ({ size, digests }) => {
        expect(manifestContentId(blake3, size, Buffer.concat(digests))).toBe(
          referenceContentIdOfDigests(size, digests),
        )
      }),
    )
  })
})

describe('manifestDigest', () => {
  it('finds the digest of a block', () => {
    fc.assert(
      fc.property(digestedContent(1), fc.nat(), ({ digests }, pick) => {
        const index = pick % digests.length
        expect([...manifestDigest(Buffer.concat(digests), index)]).toEqual([...digests[index]!])
      }),
    )
  })
})

describe('addManifestBlocks', () => {
  it('adds up to the same sum in any two steps', () => {
    fc.assert(
      fc.property(digestedContent(1), fc.nat(), ({ size, digests }, pick) => {
        const first = pick % (digests.length + 1)
        const manifest = Buffer.concat(digests)
        const sum = new Accumulator(blake3)
        addManifestBlocks(sum, size, manifest, first, digests.length - first)
        addManifestBlocks(sum, size, manifest, 0, first)
        expect(sum.contentId(size)).toBe(referenceContentIdOfDigests(size, digests))
      }),
    )
  })
})

describe('certifiesManifest', () => {
  it('accepts the manifest of the content', () => {
    fc.assert(
      fc.property(digestedContent(), ({ size, digests }) => {
        const id = manifestContentId(blake3, size, Buffer.concat(digests))
        expect(certifiesManifest(blake3, id, size, Buffer.concat(digests))).toBe(true)
      }),
    )
  })

  describe('refuses', () => {
    /** Asserts that what `alter` makes of a content's digests and size is refused for the content's id. */
    function refuses(
      minBlocks: number,
      alter: (digests: Uint8Array[], size: number, pick: number) => [size: number, manifest: Uint8Array],
    ): void {
      fc.assert(
        fc.property(digestedContent(minBlocks), fc.nat(), ({ size, digests }, pick) => {
          const id = manifestContentId(blake3, size, Buffer.concat(digests))
          expect(certifiesManifest(blake3, id, ...alter(digests, size, pick))).toBe(false)
        }),
      )
    }

    it('a flipped bit', () => {
      refuses(1, (digests, size, pick) => {
        const manifest = Buffer.concat(digests)
        manifest[(pick >> 3) % manifest.length]! ^= 1 << (pick & 7)
        return [size, manifest]
      })
    })

    it('two digests in each other’s place', () => {
      refuses(2, (digests, size, pick) => {
        const a = pick % (digests.length - 1)
        const permuted = [...digests]
        permuted[a] = digests[a + 1]!
        permuted[a + 1] = digests[a]!
        return [size, Buffer.concat(permuted)]
      })
    })

    it('digests in reverse', () => {
      refuses(2, (digests, size) => [size, Buffer.concat([...digests].reverse())])
    })

    it('a manifest cut short, at any byte', () => {
      refuses(1, (digests, size, pick) => {
        const manifest = Buffer.concat(digests)
        return [size, manifest.subarray(0, pick % manifest.length)]
      })
    })

    it('a manifest cut short together with the size', () => {
      refuses(1, digests => [
        (digests.length - 1) * BLOCK_BYTES,
        Buffer.concat(digests.slice(0, digests.length - 1)),
      ])
    })

    it('more bytes after the manifest', () => {
      refuses(0, (digests, size, pick) => [
        size,
        Buffer.concat([...digests, new Uint8Array((pick % (2 * DIGEST_BYTES)) + 1)]),
      ])
    })

    it('a further block together with the size', () => {
      refuses(0, (digests, _, pick) => [
        digests.length * BLOCK_BYTES + 1 + (pick % BLOCK_BYTES),
        Buffer.concat([...digests, new Uint8Array(DIGEST_BYTES)]),
      ])
    })

    it('another size, also one with as many blocks', () => {
      refuses(1, (digests, size, pick) => {
        const other = (digests.length - 1) * BLOCK_BYTES + 1 + (pick % BLOCK_BYTES)
        return [other === size ? size + 1 : other, Buffer.concat(digests)]
      })
    })
  })
})

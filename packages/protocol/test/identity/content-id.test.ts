import { describe, expect, it } from 'vitest'
import { labelKey } from '../../src/identity/labels.js'
import {
  Accumulator,
  blockCount,
  blockElement,
  blockLength,
  certifiesManifest,
  hashContent,
  isUnshared,
  parseContentId,
  parseStreamId,
} from '../../src/index.js'
import { cyclingBytes } from '../cycling-bytes.js'
import { engines } from '../engines.js'
import { hex } from '../hex.js'
import { referenceContentId } from '../reference-content-id.js'
import { contentIdVectors } from '../vectors.js'

describe.each(engines)('the content id vectors (%s)', (_, blake3) => {
  it('have the labels and keys of this implementation', () => {
    const { labels, keys } = contentIdVectors
    const utf8 = new TextEncoder()
    expect(hex(blake3.digest(utf8.encode(labels.block)))).toBe(keys.block)
    expect(hex(blake3.digest(utf8.encode(labels.content)))).toBe(keys.content)
    expect(hex(blake3.digest(utf8.encode(labels.key)))).toBe(keys.key)
    expect(hex(labelKey(blake3, 'element'))).toBe(keys.block)
    expect(hex(labelKey(blake3, 'contentId'))).toBe(keys.content)
    expect(hex(labelKey(blake3, 'entryKey'))).toBe(keys.key)
  })

  it.each(contentIdVectors.contents)('hold for $size bytes', vector => {
    const { id, size, manifest } = hashContent(blake3, cyclingBytes(vector.size))
    expect(size).toBe(vector.size)
    expect(blockCount(size)).toBe(vector.blocks)
    expect(id).toBe(vector.contentId)
    expect(hex(manifest)).toBe(vector.manifest.join(''))
    expect(certifiesManifest(blake3, id, size, manifest)).toBe(true)

    const digests = vector.manifest.map(digest => Uint8Array.from(Buffer.from(digest, 'hex')))
    const sum = new Accumulator(blake3)
    digests.forEach((digest, index) => {
      sum.add(index, blockLength(size, index), digest)
    })
    expect(hex(blake3.digest(sum.toBytes()))).toBe(vector.accumulatorBlake3)
    expect(sum.contentId(size)).toBe(vector.contentId)

    const first = digests[0] && blockElement(blake3, 0, blockLength(size, 0), digests[0])
    expect(first ? hex(first.subarray(0, 32)) : null).toBe(vector.firstElementFirst32)
  })
})

describe('the reference implementation', () => {
  it.each(contentIdVectors.contents)('agrees with the vectors on $size bytes', ({ size, contentId }) => {
    expect(referenceContentId(cyclingBytes(size))).toBe(contentId)
  })
})

const UUID = '0190f3e2-5b1c-4a7d-9e2f-00c0ffee1234'
const HEX64 = '774af06b1b6616ba427c99ef36f50c78752ce5c11b01b3b2ae8ae71bcaf8d671'

describe('parseContentId', () => {
  it('takes 64 lower-case hex digits', () => {
    expect(parseContentId(HEX64)).toBe(HEX64)
  })

  it.each([
    ['nothing', ''],
    ['upper case', HEX64.toUpperCase()],
    ['one digit too few', HEX64.slice(1)],
    ['one digit too many', `${HEX64}0`],
    ['a trailing newline', `${HEX64}\n`],
    ['a newline for a digit', `${HEX64.slice(1)}\n`],
    ['a leading space', ` ${HEX64}`],
    ['another letter', `g${HEX64.slice(1)}`],
    ['digits of another script', `٣${HEX64.slice(1)}`],
    ['a prefix', `0x${HEX64}`],
    ['a stream id', `u-${UUID}`],
  ])('refuses %s', (_, text) => {
    expect(parseContentId(text)).toBeUndefined()
  })
})

describe('parseStreamId', () => {
  it.each(['8', '9', 'a', 'b'])('takes a version 4 UUID of variant %s', variant => {
    const id = `u-0190f3e2-5b1c-4a7d-${variant}e2f-00c0ffee1234`
    expect(parseStreamId(id)).toBe(id)
    expect(isUnshared(id)).toBe(true)
  })

  it('takes what crypto.randomUUID makes', () => {
    expect(parseStreamId(`u-${crypto.randomUUID()}`)).toBeDefined()
  })

  it.each([
    ['nothing', ''],
    ['no prefix', UUID],
    ['an upper-case prefix', `U-${UUID}`],
    ['upper case', `u-${UUID.toUpperCase()}`],
    ['version 1', `u-${UUID.replace('-4', '-1')}`],
    ['version 7', `u-${UUID.replace('-4', '-7')}`],
    ['another variant', `u-${UUID.replace('-9e', '-ce')}`],
    ['the nil UUID', 'u-00000000-0000-0000-0000-000000000000'],
    ['no dashes', `u-${UUID.replaceAll('-', '')}`],
    ['braces', `u-{${UUID}}`],
    ['one digit too few', `u-${UUID.slice(0, -1)}`],
    ['one digit too many', `u-${UUID}0`],
    ['a trailing newline', `u-${UUID}\n`],
    ['a leading newline', `\nu-${UUID}`],
    ['a content id', HEX64],
  ])('refuses %s', (_, text) => {
    expect(parseStreamId(text)).toBeUndefined()
    expect(isUnshared(text)).toBe(false)
  })
})

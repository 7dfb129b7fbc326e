import { createRequire } from 'node:module'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadBlake3, loadNative, loadPortable } from '../../src/index.js'
import { cyclingBytes } from '../cycling-bytes.js'
import { engines } from '../engines.js'
import { hex } from '../hex.js'

const native = await loadNative()
const portable = await loadPortable()

const MIB = 1 << 20
const LENGTHS = [
  0, 1, 2, 3, 4, 5, 63, 64, 65, 127, 128, 129, 1023, 1024, 1025, 2047, 2048, 2049, 3072, 4095, 4096,
]
const LONG_LENGTHS = [4097, 8191, 8192, 8193, 65535, 65536, 65537, MIB - 1, MIB, MIB + 1]

describe.each(engines)('BLAKE3 (%s)', (engine, blake3) => {
  it('says which engine it is', () => {
    expect(blake3.engine).toBe(engine)
  })

  // From test_vectors.json of the BLAKE3 reference implementation.
  it.each([
    [0, 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262'],
    [1, '2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213'],
    [1024, '42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7'],
    [1025, 'd00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444'],
  ])('hashes %i bytes as published', (length, expected) => {
    expect(hex(blake3.digest(cyclingBytes(length)))).toBe(expected)
  })

  it('hashes nothing, and nothing piece by piece, alike', () => {
    const empty = hex(blake3.digest(new Uint8Array(0)))
    const fed = blake3.hasher()
    fed.update(new Uint8Array(0))
    expect(hex(blake3.hasher().digest())).toBe(empty)
    expect(hex(fed.digest())).toBe(empty)
  })

  it('gives the same hash for any pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }), pieces => {
        const hasher = blake3.hasher()
        for (const piece of pieces) hasher.update(piece)
        expect(hex(hasher.digest())).toBe(hex(blake3.digest(Buffer.concat(pieces))))
      }),
    )
  })

  it('hashes the window of a view, not the buffer behind it', () => {
    const window = cyclingBytes(5000).subarray(100, 1300)
    const copy = window.slice()
    const hasher = blake3.hasher()
    hasher.update(window)
    expect(hex(blake3.digest(window))).toBe(hex(blake3.digest(copy)))
    expect(hex(hasher.digest())).toBe(hex(blake3.digest(copy)))
    const key = cyclingBytes(64).subarray(32)
    expect(hex(blake3.keyed(key, window))).toBe(hex(blake3.keyed(key.slice(), copy)))
  })
})

describe('the two engines', () => {
  it.each([...LENGTHS, ...LONG_LENGTHS])('agree on %i bytes', length => {
    const bytes = cyclingBytes(length)
    const expected = hex(portable.digest(bytes))
    expect(hex(native.digest(bytes))).toBe(expected)
    for (const engine of [native, portable]) {
      const hasher = engine.hasher()
      const middle = length >> 1
      hasher.update(bytes.subarray(0, middle))
      hasher.update(bytes.subarray(middle))
      expect(hex(hasher.digest())).toBe(expected)
    }
  })

  it.each(LENGTHS)('agree on the keyed hash of %i bytes', length => {
    const key = cyclingBytes(32, 99)
    const bytes = cyclingBytes(length)
    expect(hex(native.keyed(key, bytes))).toBe(hex(portable.keyed(key, bytes)))
  })
})

describe('the portable engine', () => {
  it('gives back the memory that keyed hashes take', () => {
    const { __wasm } = createRequire(import.meta.url)('blake3-wasm/dist/wasm/nodejs/blake3_js.js') as {
      __wasm: { memory: { buffer: ArrayBuffer } }
    }
    const hashMany = () => {
      for (let at = 0; at < 3000; at++) portable.keyed(cyclingBytes(32), cyclingBytes(2056))
    }
    hashMany()
    const before = __wasm.memory.buffer.byteLength
    hashMany()
    expect(__wasm.memory.buffer.byteLength).toBe(before)
  })
})

describe('loadBlake3', () => {
  afterEach(() => {
    vi.doUnmock('@napi-rs/blake-hash')
    vi.resetModules()
  })

  it('loads one engine, once', async () => {
    const blake3 = await loadBlake3()
    expect(await loadBlake3()).toBe(blake3)
    expect(blake3).toBe(native)
  })

  it('falls back to the portable engine where there is no binary', async () => {
    vi.doMock('@napi-rs/blake-hash', () => {
      throw new Error('Cannot find native binding')
    })
    vi.resetModules()
    const fresh = await import('../../src/blake3/load.js')
    await expect(fresh.loadNative()).rejects.toThrow()
    expect((await fresh.loadBlake3()).engine).toBe('portable')
  })
})

import { createKeyed } from 'blake3-wasm'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { KEYED_INPUT_BYTES, keyedOutput } from '../../src/blake3/keyed-output.js'
import { cyclingBytes } from '../cycling-bytes.js'
import { hex } from '../hex.js'

const reference = (key: Uint8Array, bytes: Uint8Array, length: number) =>
  createKeyed(key as Buffer)
    .update(bytes)
    .digest({ length })

const lengths = Array.from({ length: KEYED_INPUT_BYTES + 1 }, (_, length) => length)

it.each(lengths)('gives for %i bytes what WebAssembly gives', length => {
  const key = cyclingBytes(32, 99)
  const bytes = cyclingBytes(length)
  expect(hex(keyedOutput(key, bytes, 2048))).toBe(hex(reference(key, bytes, 2048)))
})

it('gives it for any key, any input and any length of output', () => {
  const key = fc.uint8Array({ minLength: 32, maxLength: 32 })
  const input = fc.uint8Array({ maxLength: KEYED_INPUT_BYTES })
  fc.assert(
    fc.property(key, input, fc.integer({ min: 1, max: 2100 }), (key, bytes, length) => {
      expect(hex(keyedOutput(key, bytes, length))).toBe(hex(reference(key, bytes, length)))
    }),
  )
})

it('reads the window of a view, not the buffer behind it', () => {
  const window = cyclingBytes(500).subarray(100, 148)
  const key = cyclingBytes(64).subarray(32)
  expect(hex(keyedOutput(key, window, 64))).toBe(hex(keyedOutput(key.slice(), window.slice(), 64)))
})

it('refuses more than a block', () => {
  expect(() => keyedOutput(cyclingBytes(32), cyclingBytes(KEYED_INPUT_BYTES + 1), 32)).toThrow(RangeError)
})

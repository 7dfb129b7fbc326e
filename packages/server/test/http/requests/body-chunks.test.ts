import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { bodyChunks } from '../../../src/http/requests/body-chunks.js'

/** A chunk with memory of its own, as a body's. */
function chunkOf(byte: number): Buffer {
  return Buffer.from(new Uint8Array(1000).fill(byte).buffer)
}

test('the memory of a chunk is given back once the next one is asked for', async () => {
  const chunks = [chunkOf(1), chunkOf(2)]
  const seen: number[] = []
  for await (const chunk of bodyChunks(Readable.from(chunks))) {
    expect(chunk.every(byte => byte === seen.length + 1)).toBe(true)
    seen.push(chunk.length)
  }
  expect(seen).toEqual([1000, 1000])
  expect(chunks.map(({ buffer }) => buffer.byteLength)).toEqual([0, 0])
})

test('memory that a chunk shares with others is left alone', async () => {
  const shared = chunkOf(3)
  const halves = [shared.subarray(0, 500), shared.subarray(500)]
  let length = 0
  for await (const chunk of bodyChunks(Readable.from(halves))) length += chunk.length
  expect([length, shared.every(byte => byte === 3)]).toEqual([1000, true])
})

test('leaving early leaves the body open', async () => {
  const body = Readable.from([chunkOf(1), chunkOf(2)])
  for await (const _ of bodyChunks(body)) break
  expect(body.destroyed).toBe(false)
})

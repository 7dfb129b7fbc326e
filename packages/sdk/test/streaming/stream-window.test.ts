import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { StreamWindow } from '../../src/streaming/stream-window.js'

const signal = new AbortController().signal
const digest = new Uint8Array(32)

test('reading waits for room until blocks are acknowledged, and buffers are used again', async () => {
  const window = new StreamWindow(2)
  const first = await window.room(signal)
  const second = await window.room(signal)
  let hasRoom = false
  const third = window.room(signal).then(buffer => {
    hasRoom = true
    return buffer
  })
  window.add({ index: 0, bytes: first.subarray(0, 5), digest })
  window.add({ index: 1, bytes: second, digest })
  await nextTurn()
  expect(hasRoom).toBe(false)
  window.release(window.take(1))
  const reused = await third
  expect(reused.buffer).toBe(first.buffer)
  expect(reused.length).toBe(first.length)
})

test('sending waits for blocks, takes them in order, and learns that none will come', async () => {
  const window = new StreamWindow(4)
  const waiting = window.hasBlock(signal)
  for (const index of [0, 1, 2]) window.add({ index, bytes: await window.room(signal), digest })
  expect(await waiting).toBe(true)
  expect(window.take(2).map(({ index }) => index)).toEqual([0, 1])
  expect(window.waitingBlocks).toBe(1)
  window.end()
  expect(await window.hasBlock(signal)).toBe(true)
  window.take(2)
  expect(await window.hasBlock(signal)).toBe(false)
})

test('an abort ends both waits', async () => {
  const window = new StreamWindow(0)
  const abort = new AbortController()
  const waits = Promise.allSettled([window.room(abort.signal), window.hasBlock(abort.signal)])
  abort.abort(new Error('enough'))
  for (const wait of await waits)
    expect(wait).toMatchObject({ status: 'rejected', reason: { message: 'enough' } })
})

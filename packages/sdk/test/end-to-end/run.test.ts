import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../src/index.js'
import { hashSource, isOperationFailedError, keyOf } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { scratchFolder } from '../support/scratch.js'
import { testProxy } from '../support/test-mock.js'
import { testClient, testServer } from '../support/test-server.js'

const sizes = [
  ['empty', 0],
  ['of one byte', 1],
  ['of some kilobytes', 20_000],
  ['of one block', MIB],
  ['of a block and a byte', MIB + 1],
  ['of several parts', 37 * MIB + 5],
] as const

test.for(sizes)('a source that is %s is uploaded once, and then a hit sends no body', async ([, size]) => {
  const server = await testServer()
  const proxy = await testProxy(server.url)
  const cache = testClient(proxy.url)
  const source = noise(size)

  const first = await cache.run(source, 'copy')
  expect(first.served).toBe('miss')
  expect(first.uploadedBytes).toBe(size)
  expect(first.uploadedBlocks).toBe(Math.ceil(size / MIB))
  expect(first.content).toEqual(await hashSource(source))
  expect(Buffer.compare(await first.bytes(), source)).toBe(0)

  const before = proxy.bytes('up')
  const second = await cache.run(source, 'copy')
  expect(second.served).toBe('hit')
  expect(second.key).toBe(first.key)
  expect(second.uploadedBytes).toBe(0)
  expect(second.result).toEqual(first.result)
  expect(Buffer.compare(await second.bytes(), source)).toBe(0)
  // Heads of requests, and nothing else.
  expect(proxy.bytes('up') - before).toBeLessThan(4 * 1024)
})

test('parameters decide about the key, and the key is that of the descriptor', async () => {
  const cache = testClient((await testServer()).url)
  const params = { text: 'täxt & "more"', list: [1, { a: null }], number: '1' }
  const one = await cache.run(Buffer.from('x'), { name: 'prefix', params })
  expect(await one.text()).toBe('täxt & "more"x')
  expect(one.result).toMatchObject({ type: 'text/plain', name: 'prefixed.txt' })
  const content = (await hashSource(Buffer.from('x'))).id
  expect(one.key).toBe(await keyOf({ v: 1, content, operation: { name: 'prefix', params } }))
  const other = await cache.run(Buffer.from('x'), { name: 'prefix', params: { text: 'other' } })
  expect(other.key).not.toBe(one.key)
  expect(other.served).toBe('miss')
})

test('a failed operation tells why, and whether it would fail again', async () => {
  const cache = testClient((await testServer()).url)
  for (const size of [10, 2 * MIB, 20 * MIB]) {
    const error = await cache.run(noise(size), 'refuse').catch(error => error)
    expect(isOperationFailedError(error)).toBe(true)
    expect(error).toMatchObject({ detail: 'This source is refused.', deterministic: true })
  }
})

test('progress is told in order, and acknowledged bytes never go back', async () => {
  const cache = testClient((await testServer()).url)
  const folder = await scratchFolder()
  const events: ProgressEvent[] = []
  const size = 20 * MIB + 7
  await writeFile(join(folder, 'source'), noise(size))
  await cache.run(join(folder, 'source'), 'copy', {
    output: join(folder, 'result'),
    onProgress: event => events.push(event),
  })
  const phases = [...new Set(events.map(({ phase }) => phase))].filter(phase => phase !== 'processing')
  expect(phases).toEqual(['hashing', 'asking', 'uploading', 'downloading', 'done'])
  const uploads = events.filter(event => event.phase === 'uploading')
  for (const [index, event] of uploads.entries()) {
    const before = uploads[index - 1]
    if (before) expect(event.sentBytes).toBeGreaterThanOrEqual(before.sentBytes)
  }
  expect(uploads.at(-1)).toMatchObject({ sentBytes: size, totalBytes: size, skippedBytes: 0 })
  expect(events.at(-1)).toEqual({ phase: 'done', served: 'miss' })
  expect(Buffer.compare(await readFile(join(folder, 'result')), noise(size))).toBe(0)
  expect(await readdir(folder)).toEqual(['result', 'source'])
})

test('streams and iterables are sources', async () => {
  const cache = testClient((await testServer()).url)
  const bytes = noise(3 * MIB)
  const byStream = await cache.run(Readable.from([bytes.subarray(0, MIB), bytes.subarray(MIB)]), 'copy')
  expect(byStream.content).toEqual(await hashSource(bytes))
  const byBlob = await cache.run(new Blob([bytes as Uint8Array<ArrayBuffer>]), 'copy')
  expect(byBlob.served).toBe('hit')
})

import { appendFileSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { hashSource, keyOf, type ProgressEvent } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { eventually } from '../support/eventually.js'
import { ownTemporaryFolder, scratchFolder } from '../support/scratch.js'
import { testProxy } from '../support/test-mock.js'
import { gatedOperation, testClient, testServer } from '../support/test-server.js'

describe('a lost connection', () => {
  test('in the middle of a part costs a part at most', async () => {
    const server = await testServer()
    const proxy = await testProxy(server.url)
    const size = 30 * MIB + 1
    proxy.plan({ action: 'cut', direction: 'up', counted: 'all', afterBytes: 13 * MIB })
    const result = await testClient(proxy.url).run(noise(size), 'copy')
    expect(proxy.pending).toEqual([])
    expect(result).toMatchObject({ served: 'miss', uploadedBytes: size, uploadedBlocks: 31 })
    // Blocks that had arrived stay: only what was on its way is sent again.
    expect(proxy.bytes('up')).toBeLessThan(size + 8 * MIB)
    expect(Buffer.compare(await result.bytes(), noise(size))).toBe(0)
  })

  test('in the middle of a body sent in one request', async () => {
    const server = await testServer()
    const proxy = await testProxy(server.url)
    proxy.plan({ action: 'cut', direction: 'up', counted: 'all', afterBytes: MIB })
    const result = await testClient(proxy.url).run(noise(3 * MIB), 'copy')
    expect(proxy.pending).toEqual([])
    expect(result.served).toBe('miss')
    expect(Buffer.compare(await result.bytes(), noise(3 * MIB))).toBe(0)
  })

  test('again in a body sent in one request costs what was on its way: it comes in parts then', async () => {
    const server = await testServer()
    const proxy = await testProxy(server.url)
    // Slow enough for the server to read what comes as it comes.
    proxy.setLine({ bytesPerSecond: 8 * MIB })
    const size = 8 * MIB
    const cutBytes = 4.5 * MIB
    for (let nth = 1; nth <= 2; nth++) proxy.plan({ action: 'cut', direction: 'up', afterBytes: cutBytes })
    const result = await testClient(proxy.url, { concurrency: 1 }).run(noise(size), 'copy')
    expect(proxy.pending).toEqual([])
    expect(result).toMatchObject({ served: 'miss', uploadedBytes: size })
    // A server keeps nothing of the request, and of the part all blocks but those that were on their way.
    expect(proxy.bytes('up')).toBeLessThan(size + cutBytes + 3 * MIB)
    expect(Buffer.compare(await result.bytes(), noise(size))).toBe(0)
  })

  test('in the middle of the download', async () => {
    const server = await testServer()
    const proxy = await testProxy(server.url)
    const cache = testClient(proxy.url)
    const result = await cache.run(noise(12 * MIB), 'copy')
    proxy.plan({ action: 'cut', direction: 'down', counted: 'all', afterBytes: 5 * MIB })
    expect(Buffer.compare(await result.bytes(), noise(12 * MIB))).toBe(0)
    expect(proxy.pending).toEqual([])
  })

  test('while waiting is told, and the wait goes on without running the operation again', async () => {
    const gated = gatedOperation()
    const server = await testServer({ operations: [gated.operation] })
    const proxy = await testProxy(server.url)
    const events: ProgressEvent[] = []
    const running = testClient(proxy.url).run(noise(20 * MIB), 'gated', {
      onProgress: event => events.push(event),
    })
    await eventually(gated.runs).toBe(1)
    await proxy.setState('down')
    await eventually(() => events.some(({ phase }) => phase === 'waiting-for-connection')).toBe(true)
    await proxy.setState('up')
    gated.open()
    expect(await running).toMatchObject({ served: 'miss' })
    expect(gated.runs()).toBe(1)
  })
})

test('a client that comes later sends only what is missing', async () => {
  const server = await testServer()
  const source = noise(40 * MIB)
  const controller = new AbortController()
  // One part at a time: with more, all of it may be there before anybody hears of the first.
  const first = testClient(server.url, { concurrency: 1 }).run(source, 'copy', {
    signal: controller.signal,
    onProgress: event => {
      if (event.phase === 'uploading' && event.sentBytes >= 8 * MIB) controller.abort(new Error('enough'))
    },
  })
  await expect(first).rejects.toThrow('enough')
  const events: ProgressEvent[] = []
  const second = await testClient(server.url).run(source, 'copy', { onProgress: event => events.push(event) })
  expect(second.served).toBe('joined')
  expect(second.uploadedBytes).toBeLessThanOrEqual(32 * MIB)
  expect(second.uploadedBytes).toBeGreaterThan(0)
  const uploads = events.filter(event => event.phase === 'uploading')
  expect(uploads[0]?.skippedBytes).toBeGreaterThanOrEqual(8 * MIB)
  expect(uploads.at(-1)).toMatchObject({
    sentBytes: second.uploadedBytes,
    skippedBytes: 40 * MIB - second.uploadedBytes,
  })
})

test('clients with the same content share the work', async () => {
  const server = await testServer()
  const source = noise(48 * MIB)
  const results = await Promise.all(
    Array.from({ length: 3 }, () => testClient(server.url, { concurrency: 2 }).run(source, 'copy')),
  )
  expect(results.filter(({ served }) => served === 'miss')).toHaveLength(1)
  const sent = results.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0)
  // Three times the whole would be 144 MiB.
  expect(sent).toBeLessThan(2 * 48 * MIB)
  for (const result of results) expect(Buffer.compare(await result.bytes(), source)).toBe(0)
})

test('an entry that is deleted during the upload is opened again', async () => {
  const cache = testClient((await testServer()).url)
  const source = noise(20 * MIB)
  const content = (await hashSource(source)).id
  const key = await keyOf({ v: 1, content, operation: { name: 'copy', params: {} } })
  let deleting: Promise<void> | undefined
  const result = await cache.run(source, 'copy', {
    onProgress: event => {
      if (event.phase === 'uploading') deleting ??= cache.delete(key)
    },
  })
  await deleting
  expect(result.served).toBe('miss')
  expect(Buffer.compare(await result.bytes(), source)).toBe(0)
})

describe('a file that changes while it is uploaded is not made into anything', () => {
  test.for([3 * MIB, 40 * MIB])('%i bytes', async size => {
    const cache = testClient((await testServer()).url)
    const path = join(await scratchFolder(), 'source')
    await writeFile(path, noise(size))
    const running = cache.run(path, 'copy', {
      onProgress: event => {
        if (event.phase === 'asking') appendFileSync(path, 'more')
      },
    })
    await expect(running).rejects.toMatchObject({ name: 'SourceChangedError', code: 'source-changed' })
    for await (const entry of cache.list()) expect(entry.state).toBe('UPLOADING')
  })

  test('memory that is written to meanwhile', async () => {
    const cache = testClient((await testServer()).url)
    for (const size of [1000, 3 * MIB, 40 * MIB]) {
      const source = noise(size)
      const running = cache.run(source, 'copy', {
        onProgress: event => {
          if (event.phase === 'asking') source.fill(7)
        },
      })
      await expect(running).rejects.toMatchObject({ code: 'source-changed' })
    }
  })
})

describe('an abort', () => {
  test('while waiting leaves nothing behind, and the work goes on', async () => {
    const gated = gatedOperation()
    const cache = testClient((await testServer({ operations: [gated.operation] })).url)
    const folder = await scratchFolder()
    const temporary = await ownTemporaryFolder()
    const controller = new AbortController()
    const running = cache.run(Readable.from([noise(70 * MIB)], { objectMode: false }), 'gated', {
      signal: controller.signal,
      output: join(folder, 'out'),
      onProgress: event => {
        if (event.phase === 'processing') controller.abort(new Error('enough'))
      },
    })
    await expect(running).rejects.toThrow('enough')
    expect(await readdir(folder)).toEqual([])
    expect(await readdir(temporary)).toEqual([])
    gated.open()
    const again = await cache.run(noise(70 * MIB), 'gated')
    expect(again).toMatchObject({ uploadedBytes: 0 })
    expect(gated.runs()).toBe(1)
  })

  test('before the call does nothing', async () => {
    const cache = testClient('http://127.0.0.1:1')
    const signal = AbortSignal.abort(new Error('never mind'))
    await expect(cache.run('/nowhere', 'copy', { signal })).rejects.toThrow('never mind')
    await expect(cache.wait('x', { signal })).rejects.toThrow('never mind')
  })
})

test('an output is refused before the server is asked', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'out'), 'before')
  const cache = testClient('http://127.0.0.1:1')
  const running = cache.run(noise(10), 'copy', { output: join(folder, 'out') })
  await expect(running).rejects.toMatchObject({ code: 'output-exists' })
  const server = await testServer()
  const forced = await testClient(server.url).run(
    Buffer.from('x'),
    { name: 'prefix', params: { text: 'after ' } },
    { output: join(folder, 'out'), force: true },
  )
  expect(forced.path).toBe(join(folder, 'out'))
  expect(await readFile(join(folder, 'out'), 'utf8')).toBe('after x')
})

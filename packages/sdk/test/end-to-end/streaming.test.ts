import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { hashSource, isOperationFailedError, isSourceError, isStreamLostError } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { eventually } from '../support/eventually.js'
import { ownTemporaryFolder, scratchFolder } from '../support/scratch.js'
import { startServerProcess } from '../support/server-process.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient, testServer } from '../support/test-server.js'

const resource = { name: 'a document', version: '7' }

/** A stream in pieces that are no blocks. */
async function* inPieces(bytes: Uint8Array, pieceBytes = 300_000) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

describe('a source that is streamed', () => {
  const sizes = [
    ['empty', 0],
    ['of one byte', 1],
    ['of one block', MIB],
    ['of a block and a byte', MIB + 1],
    ['of many parts', 70 * MIB + 5],
  ] as const

  test.for(sizes)('and is %s is found by its content from then on', async ([, size]) => {
    const source = noise(size)
    const proxy = await testProxy((await testServer()).url)
    const cache = testClient(proxy.url)
    const streamed = await cache.run(inPieces(source), 'copy', { stream: true })
    expect(streamed).toMatchObject({
      served: 'miss',
      uploadedBytes: size,
      uploadedBlocks: Math.ceil(size / MIB),
      content: await hashSource(source),
    })
    expect(Buffer.compare(await streamed.bytes(), source)).toBe(0)
    expect(proxy.bytes('up')).toBeLessThan(size * 1.01 + 40_000)
    const known = await cache.run(source, 'copy')
    expect(known).toMatchObject({ served: 'hit', uploadedBytes: 0 })
    const other = await cache.run(source, 'gzip')
    expect(other).toMatchObject({ served: 'miss', uploadedBytes: 0 })
  })

  test('can be a file, bytes, or a Node stream', async () => {
    const file = join(await scratchFolder(), 'file')
    await writeFile(file, noise(3 * MIB))
    const cache = testClient((await testServer()).url)
    for (const source of [file, noise(3 * MIB), Readable.from([noise(3 * MIB)])]) {
      const result = await cache.run(source, 'copy', { stream: true })
      expect(Buffer.compare(await result.bytes(), noise(3 * MIB))).toBe(0)
    }
  })

  test('is not kept in a temporary file, and is sent before its end is there', async () => {
    const mock = await testMock()
    const temporary = await ownTemporaryFolder()
    let end: () => void = () => undefined
    const ended = new Promise<void>(resolve => {
      end = resolve
    })
    const running = testClient(mock.url).run(
      (async function* () {
        yield noise(20 * MIB)
        await ended
        yield noise(5, 2)
      })(),
      'copy',
      { stream: true },
    )
    await eventually(() => mock.recorder.bodyBytes('part')).toBe(20 * MIB)
    expect(await readdir(temporary)).toEqual([])
    end()
    expect((await running).content?.size).toBe(20 * MIB + 5)
  })

  test('is read no further than what the server has and a window of 16 MiB', async () => {
    const mock = await testMock()
    const proxy = await testProxy(mock.url)
    let readBytes = 0
    const abort = new AbortController()
    const running = testClient(proxy.url).run(
      (async function* () {
        for (;;) {
          readBytes += MIB
          yield noise(MIB)
          if (readBytes === 10 * MIB) await proxy.setState('down')
        }
      })(),
      'copy',
      { stream: true, signal: abort.signal },
    )
    await eventually(() => readBytes >= 16 * MIB).toBe(true)
    await new Promise(resolve => setTimeout(resolve, 300))
    expect(readBytes).toBeLessThanOrEqual((10 + 16 + 1) * MIB)
    abort.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
  })

  test('is heard of while it is idle, and ends early where the server forgot it', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true })
    onTestFinished(() => void vi.useRealTimers())
    const mock = await testMock({ limits: { maxStoreBytes: 2 * MIB } })
    const running = testClient(mock.url).run(
      (async function* () {
        yield noise(MIB)
        await new Promise(() => undefined)
      })(),
      'copy',
      { stream: true },
    )
    const isLost = running.catch(isStreamLostError)
    const heardOf = () => mock.recorder.of('content').map(({ status }) => status)
    await eventually(() => mock.recorder.of('part').map(({ status }) => status)).toEqual([200])
    for (const heard of [[200], [200, 200]]) {
      mock.clock.advance(40_000)
      await vi.advanceTimersByTimeAsync(20_000)
      await eventually(heardOf).toEqual(heard)
    }
    // Silent for too long, it makes room for others.
    mock.clock.advance(60_000)
    await testClient(mock.url).run(noise(MIB, 2), 'copy')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await isLost).toBe(true)
  })

  test('that fails is no source, and nothing is made of it', async () => {
    const mock = await testMock()
    const running = testClient(mock.url).run(
      (async function* () {
        yield noise(3 * MIB)
        throw new Error('the tape is torn')
      })(),
      'copy',
      { stream: true },
    )
    const error = await running.catch(error => error)
    expect(isSourceError(error) && error.code).toBe('source-unreadable')
    expect(error.message).toContain('the tape is torn')
    expect(mock.runs()).toBe(0)
  })

  test('and refused by its operation says why', async () => {
    const running = testClient((await testServer()).url).run(inPieces(noise(3 * MIB)), 'refuse', {
      stream: true,
    })
    expect(isOperationFailedError(await running.catch(error => error))).toBe(true)
  })
})

describe('a lost connection', () => {
  test.for([0.5, 3.5, 9.5])('after %s MiB of a stream costs what was in flight', async afterMib => {
    const mock = await testMock()
    const proxy = await testProxy(mock.url)
    const size = 24 * MIB + 9
    proxy.plan({ action: 'cut', direction: 'up', counted: 'all', afterBytes: afterMib * MIB })
    const result = await testClient(proxy.url, { concurrency: 2 }).run(inPieces(noise(size)), 'copy', {
      stream: true,
    })
    expect(proxy.pending).toEqual([])
    expect(result).toMatchObject({ served: 'miss', uploadedBytes: size, uploadedBlocks: 25 })
    expect(Buffer.compare(await result.bytes(), noise(size))).toBe(0)
    expect(mock.runs()).toBe(1)
    expect(proxy.bytes('up')).toBeLessThan(size + 2 * 8 * MIB)
  })

  test('to a server that is killed and comes back with its data costs no more', async () => {
    const folder = await scratchFolder()
    const first = await startServerProcess(folder)
    const proxy = await testProxy(first.url)
    const size = 30 * MIB + 1
    const source = noise(size)
    const result = await testClient(proxy.url).run(
      (async function* () {
        yield* inPieces(source.subarray(0, 12 * MIB))
        await eventually(() => proxy.bytes('up') > 10 * MIB).toBe(true)
        await first.kill()
        proxy.target((await startServerProcess(folder)).url)
        yield* inPieces(source.subarray(12 * MIB))
      })(),
      'copy',
      { stream: true },
    )
    expect(result).toMatchObject({ served: 'miss', uploadedBytes: size })
    expect(Buffer.compare(await result.bytes(), source)).toBe(0)
  })

  test('to a server that comes back without its data is an error that says so', async () => {
    const first = await testMock()
    const second = await testMock()
    const proxy = await testProxy(first.url)
    const running = testClient(proxy.url).run(
      (async function* () {
        yield noise(3 * MIB)
        await eventually(() => first.recorder.bodyBytes('part')).toBe(3 * MIB)
        proxy.target(second.url)
        await proxy.setState('down')
        await proxy.setState('up')
        yield noise(3 * MIB)
      })(),
      'copy',
      { stream: true },
    )
    const error = await running.catch(error => error)
    expect(isStreamLostError(error) && error.code).toBe('stream-lost')
    expect(second.runs()).toBe(0)
  })
})

describe('a resource that is streamed', () => {
  test('is a hit the next time, without being read', async () => {
    const cache = testClient((await testServer()).url)
    const first = await cache.run(inPieces(noise(5 * MIB)), 'copy', { stream: true, resource })
    expect(first).toMatchObject({ served: 'miss', uploadedBlocks: 5 })
    const unread = Readable.from(
      (async function* () {
        yield await Promise.reject(new Error('was read'))
      })(),
    )
    const second = await cache.run(unread, 'copy', { stream: true, resource })
    expect(second).toMatchObject({ served: 'hit', uploadedBytes: 0, key: first.key, content: undefined })
  })

  test('goes on where another call was aborted', async () => {
    const mock = await testMock()
    const source = noise(20 * MIB)
    await streamUntilStored(mock.url, source, 12)
    const second = await testClient(mock.url).run(inPieces(source), 'copy', { stream: true, resource })
    expect(second).toMatchObject({ served: 'joined', uploadedBytes: 8 * MIB, uploadedBlocks: 8 })
    expect(mock.recorder.bodyBytes('part')).toBe(20 * MIB)
    expect(Buffer.compare(await second.bytes(), source)).toBe(0)
  })

  test('goes on as a stream where another call does not stream', async () => {
    const mock = await testMock()
    const source = noise(20 * MIB)
    await streamUntilStored(mock.url, source, 12)
    const second = await testClient(mock.url).run(source, 'copy', { resource })
    expect(second).toMatchObject({ served: 'joined', uploadedBytes: 8 * MIB, uploadedBlocks: 8 })
    expect(mock.recorder.bodyBytes('part')).toBe(20 * MIB)
    expect(Buffer.compare(await second.bytes(), source)).toBe(0)
  })

  test('does not stream where others announced the content by its id', async () => {
    const mock = await testMock()
    const source = noise(20 * MIB)
    const abort = new AbortController()
    const first = testClient(mock.url, { concurrency: 1 }).run(source, 'copy', {
      resource,
      signal: abort.signal,
      onProgress: event => {
        if (event.phase === 'uploading' && event.sentBytes >= 8 * MIB) abort.abort(new Error('enough'))
      },
    })
    await expect(first).rejects.toThrow('enough')
    const second = await testClient(mock.url).run(inPieces(source), 'copy', { stream: true, resource })
    expect(second.served).toBe('joined')
    expect(second.uploadedBytes).toBeLessThanOrEqual(12 * MIB)
    expect(Buffer.compare(await second.bytes(), source)).toBe(0)
  })

  test('with other bytes under the same version is refused', async () => {
    const mock = await testMock()
    await streamUntilStored(mock.url, noise(4 * MIB), 4)
    const other = testClient(mock.url).run(inPieces(noise(4 * MIB, 2)), 'copy', { stream: true, resource })
    await expect(other).rejects.toMatchObject({ code: 'content-mismatch' })
    expect(mock.runs()).toBe(0)
  })
})

/** Streams the first blocks of a source, and leaves once the server acknowledged them. */
async function streamUntilStored(server: string, source: Uint8Array, blocks: number): Promise<void> {
  const abort = new AbortController()
  const running = testClient(server).run(
    (async function* () {
      yield source.subarray(0, blocks * MIB)
      await once(abort.signal, 'abort')
    })(),
    'copy',
    {
      stream: true,
      resource,
      signal: abort.signal,
      onProgress: event => {
        if (event.phase === 'uploading' && event.sentBytes === blocks * MIB) abort.abort(new Error('enough'))
      },
    },
  )
  await expect(running).rejects.toThrow('enough')
}

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Opcache } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { eventually } from '../support/eventually.js'
import { scratchFolder } from '../support/scratch.js'
import { gatedOperation, prefix, testClient, testServer } from '../support/test-server.js'

const withText = (text: string) => ({ name: 'prefix', params: { text } })

test('the stages can be taken one by one', async () => {
  const server = await testServer()
  const cache = testClient(server.url)
  const identified = await cache.identify(noise(10 * MIB))
  const opened = await cache.open(identified, 'copy')
  expect(opened.entry).toMatchObject({ state: 'UPLOADING', source: null, served: 'miss' })
  expect(await cache.upload(opened)).toEqual({ uploadedBytes: 10 * MIB, uploadedBlocks: 10 })
  await identified.close()
  expect(await cache.wait(opened.key)).toMatchObject({ state: 'COMPLETE', key: opened.key })

  // The key is enough, in any process.
  const other = testClient(server.url)
  const result = await other.result(opened.key)
  expect(result.result.id).toBe(identified.id)
  expect(Buffer.compare(await result.bytes(), noise(10 * MIB))).toBe(0)
  const again = await other.open(identified, 'copy')
  expect(again.entry).toMatchObject({ state: 'COMPLETE', served: 'hit' })
  expect(await other.upload(again)).toEqual({ uploadedBytes: 0, uploadedBlocks: 0 })
})

test('entries can be listed, looked at and deleted', async () => {
  const cache = testClient((await testServer()).url)
  const keys: string[] = []
  for (const text of ['a', 'b', 'c']) keys.push((await cache.run(Buffer.from('x'), withText(text))).key)
  const listed: string[] = []
  for await (const { key } of cache.list({ state: 'COMPLETE' })) listed.push(key)
  expect(listed.sort()).toEqual([...keys].sort())
  for await (const entry of cache.list({ state: 'FAILED' })) expect(entry).toBe(undefined)

  expect(await cache.status(keys[0]!)).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  await cache.delete(keys[0]!)
  for (const call of [
    cache.status(keys[0]!),
    cache.delete(keys[0]!),
    cache.wait(keys[0]!),
    cache.result('../x'),
  ]) {
    await expect(call).rejects.toMatchObject({ name: 'RequestError', code: 'entry-not-found', status: 404 })
  }
})

test('capabilities name the operations and the caller', async () => {
  const capabilities = await testClient((await testServer()).url).capabilities()
  expect(capabilities.protocol).toBe(1)
  expect(capabilities.operations.map(({ name }) => name)).toEqual(expect.arrayContaining(['copy', 'prefix']))
  expect(capabilities.caller.user).toBe('local')
})

test('who is not patient is told at once that there is no server, and the client goes on waiting for others', async () => {
  const socket = join(await scratchFolder(), 'server.sock')
  const cache = testClient(`unix:${socket}`)
  const phases: string[] = []
  const waiting = cache.capabilities({ onProgress: ({ phase }) => phases.push(phase) })
  await eventually(() => phases).toContain('waiting-for-connection')
  await expect(cache.capabilities({ isPatient: false })).rejects.toMatchObject({ code: 'server-unreachable' })
  await testServer({ socket })
  expect(await waiting).toMatchObject({ protocol: 1 })
})

test('a salt keeps a separate set of entries, whatever characters it has', async () => {
  const cache = testClient((await testServer()).url)
  const keys = new Set<string>()
  for (const salt of [undefined, 'one', 'zwölf €', ' spaced ']) {
    const first = await cache.run(Buffer.from('x'), 'copy', { salt })
    expect(first.served).toBe('miss')
    expect((await cache.run(Buffer.from('x'), 'copy', { salt })).served).toBe('hit')
    keys.add(first.key)
  }
  expect(keys.size).toBe(4)
})

test('parameters that are too long for an address go another way', async () => {
  const cache = testClient((await testServer()).url)
  const result = await cache.run(Buffer.from('x'), withText('y'.repeat(50_000)))
  expect((await result.text()).length).toBe(50_001)
})

describe('the private space of a user', () => {
  test.for([10, 3 * MIB, 20 * MIB])('keeps %i bytes apart', async size => {
    const cache = testClient((await testServer()).url)
    const source = noise(size)
    const mine = await cache.run(source, 'copy', { user: 'local' })
    expect(mine.served).toBe('miss')
    expect(Buffer.compare(await mine.bytes(), source)).toBe(0)
    expect(Buffer.compare(await (await cache.result(mine.key)).bytes(), source)).toBe(0)
    expect((await cache.run(source, 'copy', { user: 'local' })).served).toBe('hit')
    expect(await cache.run(source, 'copy')).toMatchObject({ served: 'miss', uploadedBytes: size })
  })

  test('of somebody else is refused', async () => {
    const cache = testClient((await testServer()).url)
    for (const size of [10, 3 * MIB, 20 * MIB]) {
      const running = cache.run(noise(size), 'copy', { user: 'somebody' })
      await expect(running).rejects.toMatchObject({ code: 'forbidden' })
    }
  })
})

describe('a resource', () => {
  const resource = { name: 'document 42', version: '7' }

  test('is found without reading the source', async () => {
    const cache = testClient((await testServer()).url)
    for (const size of [0, 10, 20 * MIB]) {
      const version = String(size)
      const first = await cache.run(noise(size), 'copy', { resource: { ...resource, version } })
      expect(first).toMatchObject({ served: 'miss', uploadedBytes: size, content: { size } })
      const second = await cache.run('/not/even/there', 'copy', { resource: { ...resource, version } })
      expect(second).toMatchObject({ served: 'hit', key: first.key, content: undefined })
      expect(Buffer.compare(await second.bytes(), noise(size))).toBe(0)
    }
  })

  test('that is found missing needs the source', async () => {
    const cache = testClient((await testServer()).url)
    const running = cache.run('/not/even/there', 'copy', { resource })
    await expect(running).rejects.toMatchObject({ code: 'source-not-found' })
  })

  test('can be opened as a stage', async () => {
    const cache = testClient((await testServer()).url)
    const opened = await cache.open(await cache.identify(noise(100)), 'copy', { resource })
    expect(opened.descriptor).toEqual({
      v: 1,
      resource,
      operation: { name: 'copy', params: {} },
      user: 'local',
    })
    await cache.upload(opened)
    expect((await (await cache.result(opened.key)).bytes()).length).toBe(100)
  })
})

test('unshared runs share nothing, and are found by their key', async () => {
  const cache = testClient((await testServer()).url)
  for (const size of [0, 10, 3 * MIB, 20 * MIB]) {
    const one = await cache.run(noise(size), 'copy', { unshared: true })
    const two = await cache.run(noise(size), 'copy', { unshared: true })
    expect(one.key).toMatch(/^u-/)
    expect(two.key).not.toBe(one.key)
    expect([one.served, two.served]).toEqual(['miss', 'miss'])
    expect(Buffer.compare(await (await cache.result(one.key)).bytes(), noise(size))).toBe(0)
  }
})

test('a refresh runs the operation once more, without uploading', async () => {
  const cache = testClient((await testServer()).url)
  for (const size of [10, 20 * MIB]) {
    const first = await cache.run(noise(size), 'copy')
    const second = await cache.run(noise(size), 'copy', { refresh: true })
    expect(second).toMatchObject({ key: first.key, served: 'miss', uploadedBytes: 0 })
    expect((await cache.status(first.key)).attempt).toBe(2)
  }
  const fresh = await cache.run(noise(11), 'copy', { refresh: true })
  expect(fresh.served).toBe('miss')
})

test('only a cached result is given where only that is wanted, and a miss makes nothing', async () => {
  const cache = testClient((await testServer()).url)
  for (const size of [10, 20 * MIB]) {
    const miss = cache.run(noise(size), 'copy', { onlyIfCached: true })
    await expect(miss).rejects.toMatchObject({ name: 'NotCachedError', code: 'not-cached' })
    for await (const entry of cache.list()) expect(entry.state).toBe('COMPLETE')
    await cache.run(noise(size), 'copy')
    const hit = await cache.run(noise(size), 'copy', { onlyIfCached: true })
    expect(hit).toMatchObject({ served: 'hit', uploadedBytes: 0 })
    expect((await hit.bytes()).length).toBe(size)
  }
})

describe('waiting', () => {
  test('ends after a time that the caller sets, and the operation goes on', async () => {
    const gated = gatedOperation()
    const cache = testClient((await testServer({ operations: [gated.operation, prefix] })).url)
    for (const size of [10, 3 * MIB, 20 * MIB]) {
      const error = await cache.run(noise(size), 'gated', { waitTimeoutMs: 50 }).catch(error => error)
      expect(error).toMatchObject({ name: 'WaitTimeoutError', code: 'wait-timeout', waitTimeoutMs: 50 })
      expect((await cache.status(error.key)).state).toBe('PROCESSING')
      await expect(cache.result(error.key, { waitTimeoutMs: 20 })).rejects.toMatchObject({ key: error.key })
    }
    gated.open()
    const joined = await cache.run(noise(20 * MIB), 'gated')
    expect(joined).toMatchObject({ uploadedBytes: 0 })
  })

  test('joins what another client began', async () => {
    const gated = gatedOperation()
    const server = await testServer({ operations: [gated.operation] })
    const one = testClient(server.url).run(noise(20 * MIB), 'gated')
    await eventually(gated.runs).toBe(1)
    const two = testClient(server.url).run(noise(20 * MIB), 'gated')
    gated.open()
    expect((await one).served).toBe('miss')
    expect((await two).uploadedBytes).toBe(0)
    expect(gated.runs()).toBe(1)
  })

  test('ends with an error when the entry is deleted', async () => {
    const gated = gatedOperation()
    const cache = testClient((await testServer({ operations: [gated.operation] })).url)
    const error = await cache.run(noise(10), 'gated', { waitTimeoutMs: 10 }).catch(error => error)
    const waiting = cache.wait(error.key, {
      onProgress: event => {
        if (event.phase === 'processing') void cache.delete(error.key)
      },
    })
    await expect(waiting).rejects.toMatchObject({ code: 'entry-not-found' })
  })
})

test('a server on a Unix socket is a server', async () => {
  const socket = join(await scratchFolder(), 'opcache.sock')
  await testServer({ socket })
  const cache = testClient(`unix:${socket}`)
  for (const size of [10, 3 * MIB, 20 * MIB]) {
    const result = await cache.run(noise(size), 'copy')
    expect(Buffer.compare(await result.bytes(), noise(size))).toBe(0)
  }
})

describe('a server that is none', () => {
  test('has a bad address', () => {
    expect(() => new Opcache({ server: 'nonsense' })).toThrow(
      expect.objectContaining({ code: 'bad-server-url' }),
    )
  })

  test('is out of reach', async () => {
    const cache = testClient('http://127.0.0.1:1', { reconnectTimeoutMs: 0 })
    const path = join(await scratchFolder(), 'source')
    await writeFile(path, noise(3 * MIB))
    await expect(cache.run(path, 'copy')).rejects.toMatchObject({ code: 'server-unreachable' })
    await expect(cache.run(path, 'copy')).rejects.toThrow('http://127.0.0.1:1')
  })
})

test('what the server refuses is thrown with its code', async () => {
  const cache = testClient((await testServer()).url)
  for (const size of [10, 3 * MIB, 20 * MIB]) {
    await expect(cache.run(noise(size), 'nothing-like-this')).rejects.toMatchObject({
      name: 'RequestError',
      code: 'operation-not-found',
      status: 404,
    })
    await expect(cache.run(noise(size), { name: 'copy', params: { no: 1 } })).rejects.toMatchObject({
      code: 'invalid-params',
    })
  }
})

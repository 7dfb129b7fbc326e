import { expect, test } from 'vitest'
import { MIB, noise } from '../support/bytes.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient, testServer } from '../support/test-server.js'

test('a result is the source of the next operation, and its bytes do not move', async () => {
  const cache = testClient((await testServer()).url)
  const first = await cache.run(noise(10 * MIB), 'copy')
  const events: string[] = []
  const second = await cache.run(first, 'gzip', { onProgress: event => events.push(event.phase) })
  expect(second).toMatchObject({
    served: 'miss',
    uploadedBytes: 0,
    content: { id: first.result.id, size: 10 * MIB },
  })
  expect(events).not.toContain('hashing')
  expect(events).not.toContain('downloading')
  const third = await cache.run(second, 'gunzip')
  expect(third.result.id).toBe(first.result.id)
})

test('of a result that is left at the server no byte moves, be it large or small, new or known', async () => {
  const mock = await testMock()
  const proxy = await testProxy(mock.url)
  const cache = testClient(proxy.url)
  for (const source of [noise(5 * MIB), noise(100_000)]) {
    for (const served of ['miss', 'hit']) {
      const before = { up: proxy.bytes('up'), down: proxy.bytes('down') }
      const first = await cache.run(source, 'copy', { leaveResult: true })
      const second = await cache.run(first, 'gzip', { leaveResult: true })
      const last = await cache.run(second, 'gunzip', { leaveResult: true })
      expect([first.served, last.served, last.result.id]).toEqual([served, served, first.result.id])
      expect(proxy.bytes('down') - before.down).toBeLessThan(20_000)
      expect(proxy.bytes('up') - before.up - (served === 'miss' ? source.length : 0)).toBeLessThan(20_000)
      expect(Buffer.compare(await last.bytes(), source)).toBe(0)
    }
  }
})

test('a result that another server has is brought there', async () => {
  const one = testClient((await testServer()).url)
  const other = testClient((await testServer()).url)
  const first = await one.run(Buffer.from('to and fro'), 'copy')
  const second = await other.run(first, 'copy')
  expect([await second.text(), second.uploadedBytes]).toEqual(['to and fro', 10])
})

test('only what failed is run again by its key', async () => {
  const cache = testClient((await testServer()).url)
  const { key } = await cache.run(Buffer.from('x'), 'copy')
  expect(await cache.retry(key)).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  const failure = await cache.run(Buffer.from('x'), 'refuse').catch(error => error)
  expect(await cache.retry(failure.key)).toMatchObject({ attempt: 2, served: 'miss' })
  await expect(cache.wait(failure.key)).rejects.toMatchObject({ code: 'operation-failed' })
})

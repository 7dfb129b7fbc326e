import { expect, test } from 'vitest'
import { MIB, noise } from '../support/bytes.js'
import { scratchFolder } from '../support/scratch.js'
import { startServerProcess } from '../support/server-process.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient } from '../support/test-server.js'

test('four clients with the same content send it once, and the operation runs once', async () => {
  const mock = await testMock()
  const proxy = await testProxy(mock.url)
  // A line that is the bottleneck, as lines are: else the first is done before the last has begun; and one that leaves this
  // process time for all five, since who gets no answer within a second sends unasked.
  proxy.setLine({ bytesPerSecond: 2 * MIB })
  const source = noise(32 * MIB)
  const results = await Promise.all(
    Array.from({ length: 4 }, () => testClient(proxy.url).run(source, 'copy')),
  )
  expect(mock.runs('copy')).toBe(1)
  expect(proxy.bytes('up')).toBeLessThanOrEqual(1.1 * source.length)
  expect(new Set(results.map(({ result }) => result.id)).size).toBe(1)
  expect(results.filter(({ served }) => served === 'miss')).toHaveLength(1)
  for (const result of results.slice(0, 1)) expect(Buffer.compare(await result.bytes(), source)).toBe(0)
})

test('so they do over servers of their own that share a folder', async () => {
  const folder = await scratchFolder()
  const servers = [await startServerProcess(folder), await startServerProcess(folder)]
  const source = noise(48 * MIB, 2)
  const runs = [...servers, ...servers].map(async ({ url }) => {
    const proxy = await testProxy(url)
    proxy.setLine({ bytesPerSecond: 24 * MIB })
    const result = await testClient(proxy.url).run(source, 'copy')
    return { served: result.served, sentBytes: proxy.bytes('up') }
  })
  const results = await Promise.all(runs)
  const sentBytes = results.reduce((sum, result) => sum + result.sentBytes, 0)
  expect(sentBytes).toBeLessThanOrEqual(1.1 * source.length)
  expect(results.filter(({ served }) => served === 'miss')).toHaveLength(1)
})

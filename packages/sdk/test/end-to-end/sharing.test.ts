import { expect, test } from 'vitest'
import { MIB, noise } from '../support/bytes.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient } from '../support/test-server.js'

test('four clients with the same content send it once, and the operation runs once', async () => {
  const mock = await testMock()
  const proxy = await testProxy(mock.url)
  // A line that is the bottleneck, as lines are: else the first is done before the last has begun.
  proxy.setLine({ bytesPerSecond: 24 * MIB })
  const source = noise(64 * MIB)
  const results = await Promise.all(
    Array.from({ length: 4 }, () => testClient(proxy.url).run(source, 'copy')),
  )
  expect(mock.runs('copy')).toBe(1)
  expect(proxy.bytes('up')).toBeLessThanOrEqual(1.1 * source.length)
  expect(new Set(results.map(({ result }) => result.id)).size).toBe(1)
  expect(results.filter(({ served }) => served === 'miss')).toHaveLength(1)
  for (const result of results.slice(0, 1)) expect(Buffer.compare(await result.bytes(), source)).toBe(0)
})

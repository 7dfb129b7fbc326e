import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FaultProxy, type Mock, startFaultProxy, startMock } from '../src/index.js'

let mock: Mock
let proxy: FaultProxy

beforeEach(async () => {
  mock = await startMock()
  proxy = await startFaultProxy(mock.url)
})

afterEach(async () => {
  await proxy.close()
  await mock.close()
})

const body = new Uint8Array(1_000_000).map((_, index) => (index * 2654435761) >>> 13)
const run = (timeoutMs = 10_000) =>
  fetch(`${proxy.url}/v1/run/copy`, {
    method: 'POST',
    body,
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(timeoutMs),
  }).then(answer => answer.arrayBuffer())

const runsThrough = async () => Buffer.from(await run()).equals(body)

test('it passes bytes both ways and counts them', async () => {
  expect(await runsThrough()).toBe(true)
  expect(proxy.connections).toBe(1)
  expect(proxy.bytes('up')).toBeGreaterThan(body.length)
  expect(proxy.bytes('down')).toBeGreaterThan(body.length)
})

test('a slow and long line carries the same bytes', async () => {
  proxy.setLine({ latencyMs: 20, bytesPerSecond: 4_000_000 })
  expect(await runsThrough()).toBe(true)
})

test.each(['cut', 'reset', 'slow-close'] as const)(
  'a %s ends the connection after so many bytes',
  async action => {
    proxy.plan({ action, direction: 'up', afterBytes: 300_000 })
    await expect(run()).rejects.toThrow()
    expect(proxy.pending).toEqual([])
    expect(proxy.bytes('up')).toBe(300_000)
    expect(await runsThrough()).toBe(true)
  },
)

test.each(['stall', 'half-open'] as const)('a %s line stays open and carries nothing more', async action => {
  proxy.plan({ action, direction: 'up', afterBytes: 300_000 })
  await expect(run(500)).rejects.toThrow(/timeout/)
  expect(proxy.bytes('up')).toBe(300_000)
})

test('a fault meets the connection that it was planned for', async () => {
  proxy.plan({ action: 'cut', direction: 'down', afterBytes: 100, nth: 2 })
  await run()
  await expect(run()).rejects.toThrow()
  await run()
  expect(proxy.connections).toBe(3)
})

test('a fault that counts the bytes of all meets whichever connection carries the next one', async () => {
  proxy.plan({ action: 'cut', direction: 'up', counted: 'all', afterBytes: 1_500_000 })
  await run()
  await expect(run()).rejects.toThrow()
  expect(proxy.pending).toEqual([])
  expect(proxy.bytes('up')).toBe(1_500_000)
  expect(await runsThrough()).toBe(true)
})

test('another server can be put behind the same address', async () => {
  const other = await startMock()
  proxy.target(other.url)
  expect(await runsThrough()).toBe(true)
  expect(mock.recorder.requests).toEqual([])
  expect(other.recorder.of('run')).toHaveLength(1)
  await other.close()
})

test('a server that is down refuses, a blackhole stays silent, and both come back', async () => {
  await proxy.setState('down')
  await expect(run()).rejects.toThrow()
  await proxy.setState('blackhole')
  await expect(run(300)).rejects.toThrow(/timeout/)
  await proxy.setState('up')
  expect(await runsThrough()).toBe(true)
})

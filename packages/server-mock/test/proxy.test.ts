import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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
const run = (signal?: AbortSignal) =>
  fetch(`${proxy.url}/v1/run/copy`, {
    method: 'POST',
    body,
    headers: { connection: 'close' },
    ...(signal && { signal }),
  }).then(answer => answer.arrayBuffer())

/** A run that comes as far as `hasCome` says, and no further while others are answered. */
async function expectSilence(hasCome: () => boolean): Promise<void> {
  const patience = new AbortController()
  const silent = run(patience.signal).catch(error => error)
  await vi.waitUntil(hasCome, { timeout: 500_000, interval: 5 })
  for (let turn = 0; turn < 3; turn++) await fetch(`${mock.url}/healthz`)
  patience.abort(new Error('no answer'))
  expect(await silent).toMatchObject({ message: 'no answer' })
}

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
  await expectSilence(() => proxy.pending.length === 0 && proxy.bytes('up') >= 300_000)
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
  await expectSilence(() => true)
  await proxy.setState('up')
  expect(await runsThrough()).toBe(true)
})

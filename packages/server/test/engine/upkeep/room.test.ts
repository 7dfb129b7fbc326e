import { afterEach, expect, test, vi } from 'vitest'
import { sampleContent, sampleManifest, sampleRef } from '../../../src/contract/samples.js'
import { openMemoryDrivers } from '../../../src/drivers/memory/open-memory-drivers.js'
import { Room } from '../../../src/engine/upkeep/room.js'

const limits = { maxStoreBytes: 1000, minFreeBytes: 0 }

afterEach(() => void vi.useRealTimers())

async function openRoom() {
  const drivers = await openMemoryDrivers({ now: Date.now })
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const release = vi.spyOn(drivers.ledger, 'release')
  const room = new Room({ drivers, limits, now: Date.now, expiry: Date.now, report: expect.unreachable })
  return { room, release }
}

test('a promise that nobody used is given back after a minute', async () => {
  const { room, release } = await openRoom()
  await room.promise('blob', 100)
  await vi.advanceTimersByTimeAsync(59_000)
  expect(release).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(release).toHaveBeenCalledOnce()
})

test('a room that is closed does not touch its store any more, whatever it had promised', async () => {
  const { room, release } = await openRoom()
  await room.promise('blob', 100)
  await room.close()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(release).not.toHaveBeenCalled()
})

test('what is done ahead meets so much that is in use, however much there is, and something else the next time', async () => {
  const drivers = await openMemoryDrivers({ now: Date.now })
  const now = Date.now()
  for (let index = 0; index < 1500; index++) {
    const content = sampleContent(1, { ...sampleRef(String(index)), size: 1 })
    await drivers.contents.publish(content, sampleManifest(1))
    await drivers.contents.extend(content, content.expiresAt, now + 1000)
  }
  const extend = vi.spyOn(drivers.contents, 'extend')
  const bounds = { maxStoreBytes: 1600, minFreeBytes: 0 }
  const times = { now: () => now, expiry: () => now }
  const room = new Room({ drivers, limits: bounds, ...times, report: expect.unreachable })
  const met: string[][] = []
  for (let round = 0; round < 2; round++) {
    await (await room.reserve('blob', 1))[Symbol.asyncDispose]()
    await room.close()
    met.push(extend.mock.calls.splice(0).map(([{ id }]) => id))
  }
  // Those that were met before come last, which is seen after a batch of them.
  expect(met[0]).toHaveLength(1000)
  expect(new Set(met.flat()).size).toBe(1500)
  expect(met[1]!.length).toBeLessThanOrEqual(1000)
})

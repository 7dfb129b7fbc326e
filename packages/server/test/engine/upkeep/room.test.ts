import { afterEach, expect, test, vi } from 'vitest'
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

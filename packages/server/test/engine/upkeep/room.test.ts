import { expect, test, vi } from 'vitest'
import { sampleContent, sampleManifest, sampleRef } from '../../../src/contract/samples.js'
import { openMemoryDrivers } from '../../../src/drivers/memory/open-memory-drivers.js'
import { Room } from '../../../src/engine/upkeep/room.js'

const limits = { maxStoreBytes: 1000, minFreeBytes: 0 }

async function openRoom(
  report: (error: unknown, what: string) => void = error => expect.unreachable(String(error)),
) {
  const time = { now: Date.now() }
  const now = () => time.now
  const { ledger, ...drivers } = await openMemoryDrivers({ now })
  const room = new Room({
    drivers: { ...drivers, ledger },
    limits,
    now,
    expiry: now,
    report,
  })
  return { room, ledger, time }
}

const reservedBytes = async ({ ledger }: Awaited<ReturnType<typeof openRoom>>) =>
  (await ledger.usage()).reservedBytes

test('what an upload was promised is given back a minute after it was last heard of', async () => {
  const opened = await openRoom()
  const { room, ledger, time } = opened
  await room.keep('blob', 100)
  time.now += 59_000
  await room.letGoOfSilent()
  await room.keep('blob')
  time.now += 59_000
  await room.letGoOfSilent()
  expect(await reservedBytes(opened)).toBe(100)
  time.now += 1_000
  await room.letGoOfSilent()
  expect(await ledger.isReserved('blob')).toBe(false)
  // And what comes afterwards finds room again, which it has for itself.
  await using _part = await room.reserve('blob', 30)
  expect(await reservedBytes(opened)).toBe(30)
})

test('what cannot be given back for want of space fails nobody, and is given back later', async () => {
  const reports: unknown[] = []
  const { room, ledger } = await openRoom(error => reports.push(error))
  const full = new Error('full')
  vi.spyOn(ledger, 'release').mockRejectedValueOnce(full).mockRejectedValueOnce(full)
  await (await room.reserve('blob', 100))[Symbol.asyncDispose]()
  await room.letGoOfSilent()
  expect(reports).toEqual([full, full])
  expect(await ledger.isReserved('blob')).toBe(true)
  await room.letGoOfSilent()
  expect(await ledger.isReserved('blob')).toBe(false)
})

test('what cannot be kept is not half kept', async () => {
  const { room, ledger } = await openRoom()
  vi.spyOn(ledger, 'reserve').mockRejectedValueOnce(new Error('full'))
  await expect(room.keep('blob')).rejects.toThrow('full')
  await (await room.reserve('blob', 100))[Symbol.asyncDispose]()
  expect(await ledger.isReserved('blob')).toBe(false)
})

test('what comes is taken from what was promised, and what did not come is promised on, however often', async () => {
  const opened = await openRoom()
  const { room } = opened
  await room.keep('blob', 100)
  for (let turn = 0; turn < 20; turn++) {
    await using _part = await room.reserve('blob', 80)
    expect(await reservedBytes(opened)).toBeLessThanOrEqual(180)
  }
  expect(await reservedBytes(opened)).toBe(100)
})

test('an upload is kept while something comes for it, though nothing was heard of it for long', async () => {
  const { room, ledger, time } = await openRoom()
  await room.keep('blob')
  const part = await room.reserve('blob', 10)
  time.now += 120_000
  await room.letGoOfSilent()
  await part[Symbol.asyncDispose]()
  expect(await ledger.isReserved('blob')).toBe(true)
  await room.letGoOfSilent()
  expect(await ledger.isReserved('blob')).toBe(false)
})

test('an upload that is over is let go of, and one that finds no room is not kept', async () => {
  const opened = await openRoom()
  const { room, ledger } = opened
  await room.keep('over', 100)
  await room.letGo('over')
  await room.letGo('over')
  await using _all = await room.reserve('other', 1000)
  await expect(room.keep('blob', 1)).rejects.toMatchObject({ code: 'storage-full' })
  await room.keep('blob')
  expect(await ledger.isReserved('over')).toBe(false)
  expect(await ledger.isReserved('blob')).toBe(true)
  expect(await reservedBytes(opened)).toBe(1000)
})

test('what is silent makes room for others before anything that was used does', async () => {
  const opened = await openRoom()
  const { room, time } = opened
  await room.keep('silent', 600)
  time.now += 60_000
  await using _part = await room.reserve('blob', 900)
  expect(await reservedBytes(opened)).toBe(900)
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

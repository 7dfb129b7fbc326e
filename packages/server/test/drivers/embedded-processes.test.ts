import { access } from 'node:fs/promises'
import type { BlockRange } from '@opcache/protocol'
import { expect, it, onTestFinished } from 'vitest'
import {
  changed,
  endOf,
  FULL,
  sampleContent,
  sampleEntry,
  sampleJob,
  sampleManifest,
  sampleStream,
  streamBlocksOf,
} from '../../src/contract/samples.js'
import { openEmbeddedDrivers } from '../../src/drivers/embedded/open-embedded-drivers.js'
import type { Clock, Drivers } from '../../src/ports/drivers.js'
import type { EntryRecord } from '../../src/ports/entry-store.js'
import type { Lease } from '../../src/ports/operation-queue.js'
import type { SealOutcome } from '../../src/ports/stream-store.js'
import { StoreProcess } from './store-process.js'
import { temporaryFolder } from './temporary-folder.js'

const LEASE_MS = 3_600_000
/** The test's own time limit ends the wait. */
const POLLING = { timeout: 500_000 }

it('loses no change of three processes', async () => {
  const { drivers, processes } = await openWith(3)
  const entry = sampleEntry()
  await drivers.entries.compareAndSet(entry, 0)
  await Promise.all(processes.map(process => process.do('increment', entry.space, entry.key, 60)))
  expect(await drivers.entries.get(entry.space, entry.key)).toMatchObject({ attempt: 180, revision: 181 })
})

it('shows a change to all processes as soon as it is acknowledged', async () => {
  const { drivers, processes } = await openWith(1)
  const [other] = processes as [StoreProcess]
  let entry: EntryRecord = sampleEntry()
  expect(await drivers.entries.compareAndSet(entry, 0)).toBe(true)
  for (let turn = 0; turn < 50; turn++) {
    expect(await other.call('entries', 'get', entry.space, entry.key)).toEqual(entry)
    entry = changed(entry, { attempt: turn })
    expect(await other.call('entries', 'compareAndSet', entry, entry.revision - 1)).toBe(true)
    expect(await drivers.entries.get(entry.space, entry.key)).toEqual(entry)
    entry = changed(entry, { attempt: turn })
    expect(await drivers.entries.compareAndSet(entry, entry.revision - 1)).toBe(true)
  }
})

it('keeps what was acknowledged when a process is killed while it writes', async () => {
  const { drivers, processes } = await openWith(3)
  const entry = sampleEntry()
  await drivers.entries.compareAndSet(entry, 0)
  for (const victim of processes) {
    victim.begin('increment', entry.space, entry.key, Number.POSITIVE_INFINITY)
    await victim.message('acknowledged')
    await victim.kill()
    const acknowledged = Math.max(
      ...victim.all('acknowledged').map(message => message.acknowledged as number),
    )
    const stored = (await drivers.entries.get(entry.space, entry.key)) as EntryRecord
    expect(stored.revision).toBeGreaterThanOrEqual(acknowledged)
    expect(stored.attempt).toBe(stored.revision - 1)
    expect(
      await drivers.entries.compareAndSet(changed(stored, { attempt: stored.revision }), stored.revision),
    ).toBe(true)
  }
})

it('takes over the lease of a killed process at once, as a redelivery', async () => {
  const { drivers, processes } = await openWith(2)
  const [victim, other] = processes as [StoreProcess, StoreProcess]
  await victim.call('queue', 'enqueue', sampleJob('a'))
  const lost = await victim.call<Lease>('queue', 'lease', ['copy'], LEASE_MS)
  expect(lost).toMatchObject({ job: sampleJob('a'), isRedelivery: false })
  expect(await drivers.queue.lease(['copy'], LEASE_MS)).toBeUndefined()
  expect(await other.call('queue', 'lease', ['copy'], LEASE_MS)).toBeUndefined()
  await victim.kill()
  const taken = await other.call<Lease>('queue', 'lease', ['copy'], LEASE_MS)
  expect(taken).toMatchObject({ job: sampleJob('a'), isRedelivery: true })
  expect(await drivers.queue.complete(lost)).toBe(false)
  expect(await other.call('queue', 'complete', taken)).toBe(true)
})

it('leaves a job for a moment to the living process that added it', async () => {
  let time = Date.now() - 60_000
  const { drivers, processes } = await openWith(1, () => time)
  const [other] = processes as [StoreProcess]
  await other.call('queue', 'enqueue', sampleJob('a'))
  expect(await drivers.queue.lease(['copy'], LEASE_MS)).toBeUndefined()
  time += 3_600_000
  expect(await drivers.queue.lease(['copy'], LEASE_MS)).toMatchObject({ isRedelivery: false })
})

it('gives the job of a killed process that nobody had yet to others, not as a redelivery', async () => {
  const { drivers, processes } = await openWith(1, () => Date.now() - 60_000)
  const [victim] = processes as [StoreProcess]
  await victim.call('queue', 'enqueue', sampleJob('a'))
  await victim.kill()
  expect(await drivers.queue.lease(['copy'], LEASE_MS)).toMatchObject({ isRedelivery: false })
})

it('gives each job of a crowd to one process', async () => {
  const { drivers, processes } = await openWith(2, () => Date.now() + 60_000)
  const jobs = Array.from({ length: 20 }, (_, index) => sampleJob(`${index}`))
  for (const job of jobs) await drivers.queue.enqueue(job)
  const leases = await Promise.all(
    processes.flatMap(process =>
      jobs.map(() => process.call<Lease | undefined>('queue', 'lease', ['copy'], LEASE_MS)),
    ),
  )
  const keys = leases.filter(lease => lease !== undefined).map(lease => lease.job.key)
  expect(new Set(keys).size).toBe(keys.length)
})

it('wakes across processes', async () => {
  const { drivers, processes } = await openWith(2)
  const [publisher, sleeper] = processes as [StoreProcess, StoreProcess]
  await sleeper.do('subscribe', 'entry a')
  const woken = new Promise<void>(resolve => drivers.notifier.subscribe('entry a', resolve))
  await publisher.do('publish', 'entry a')
  await woken
  await sleeper.message('woken', 'entry a')
  await sleeper.do('subscribe', 'entry b')
  drivers.notifier.publish('entry b')
  await sleeper.message('woken', 'entry b')
})

it('wakes everybody when more wakes were published than are kept', async () => {
  const { drivers, processes } = await openWith(1)
  const [sleeper] = processes as [StoreProcess]
  await sleeper.do('subscribe', 'entry a')
  for (let index = 0; index < 5000; index++) drivers.notifier.publish(`other ${index}`)
  await sleeper.message('woken', 'entry a')
})

it('completes a content exactly once when processes commit its blocks', async () => {
  const { drivers, processes } = await openWith(2)
  const content = sampleContent(90)
  await drivers.contents.declare(content, sampleManifest(90))
  const commits = processes.map((process, half) => {
    const blocks = Array.from({ length: 50 }, (_, index) => half * 40 + index)
    return process.do<number>('commit', content, content.blob, blocks)
  })
  const completions = await Promise.all(commits)
  expect(completions.toSorted()).toEqual([0, 1])
  expect(await drivers.contents.get(content)).toMatchObject({ missingBlocks: 0 })
})

it('gives one sum and one seal when processes send the blocks of a stream at once', async () => {
  const { drivers, processes } = await openWith(2)
  const stream = sampleStream()
  const blocks = streamBlocksOf([...Array(39).fill(FULL), 7])
  const end = endOf(blocks)
  await drivers.streams.create(stream)
  const outcomes = await Promise.all(
    processes.map(process => process.do<SealOutcome>('sendStream', stream, stream.blob, blocks, end)),
  )
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ sealed: { phase: { state: 'SEALING', ...end } } })
  expect(await drivers.streams.get(stream)).toMatchObject({ presentBlocks: 40 })
})

it('gives no claim of what other processes receive, also since before it came, until they end', async () => {
  const folder = await temporaryFolder()
  const alone = await StoreProcess.start(folder)
  await alone.do('mark', 'blob', [0, 2])
  const drivers = await open(folder)
  const other = await StoreProcess.start(folder)
  const isFree = async (range: BlockRange) => {
    const release = await drivers.inFlight.claim('blob', range, () => true)
    release?.()
    return release !== undefined
  }
  await expect.poll(() => isFree([0, 2]), POLLING).toBe(false)
  expect(await other.do('claim', 'blob', [2, 1])).toBe(true)
  expect(await isFree([2, 1])).toBe(false)
  expect(await isFree([0, 3])).toBe(false)
  expect(await isFree([0, 4])).toBe(true)
  await other.do('release')
  await expect.poll(() => isFree([2, 1]), POLLING).toBe(true)
  await alone.kill()
  expect(await isFree([0, 2])).toBe(true)
})

it('gives a claim to one of the processes that claim at once', async () => {
  const { drivers, processes } = await openWith(3)
  for (let index = 0; index < 10; index++) {
    const claims = processes.map(process => process.do<boolean>('claim', 'blob', [index, 1]))
    const own = drivers.inFlight.claim('blob', [index, 1], () => true)
    const given = [...(await Promise.all(claims)), (await own) !== undefined]
    expect(given.filter(isGiven => isGiven)).toHaveLength(1)
  }
})

it('removes the scratch folders of killed processes, and of no others', async () => {
  const { folder, processes } = await openWith(2)
  const [victim, living] = processes as [StoreProcess, StoreProcess]
  const left = await victim.do<string>('scratchFolder')
  const kept = await living.do<string>('scratchFolder')
  await victim.kill()
  await access(left)
  await open(folder)
  await expect(access(left)).rejects.toThrow()
  await access(kept)
  await living.close()
  await expect(access(kept)).rejects.toThrow()
})

async function openWith(
  count: number,
  now?: Clock,
): Promise<{ folder: string; drivers: Drivers; processes: StoreProcess[] }> {
  const folder = await temporaryFolder()
  const drivers = await open(folder, now)
  const processes = await Promise.all(Array.from({ length: count }, () => StoreProcess.start(folder)))
  return { folder, drivers, processes }
}

async function open(folder: string, now: Clock = Date.now): Promise<Drivers> {
  const drivers = await openEmbeddedDrivers({ folder, now })
  onTestFinished(() => drivers.close())
  return drivers
}

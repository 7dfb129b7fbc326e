import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATHS } from '@opcache/protocol'
import type * as Lmdb from 'lmdb'
import { expect, type MockInstance, onTestFinished, test, vi } from 'vitest'
import { sampleContent, sampleManifest } from '../src/contract/samples.js'
import { EmbeddedContentStore } from '../src/drivers/embedded/content-store.js'
import { EmbeddedStreamStore } from '../src/drivers/embedded/stream-store.js'
import { type Durability, openEmbeddedDrivers } from '../src/index.js'
import { bytesOf, contentOf, descriptorOf } from './support/content.js'
import { Gate } from './support/gate.js'
import { TestStream } from './support/stream.js'
import { MIB, TestServer, temporaryFolder } from './support/test-server.js'
import { until } from './support/until.js'

/** Those that were opened. */
const stores = vi.hoisted(() => [] as Lmdb.RootDatabase[])

vi.mock('lmdb', async original => {
  const lmdb = (await original()) as typeof Lmdb
  const open = (options: Lmdb.RootDatabaseOptionsWithPath) => {
    const store = lmdb.open(options)
    stores.push(store)
    return store
  }
  return { ...lmdb, open }
})

const content = contentOf(bytesOf(5 * MIB + 77))

test('with "disk", no block counts and no result is published before its bytes are on the disk', async () => {
  const { server, datasync } = await start('disk')
  const commits = watch(EmbeddedContentStore.prototype, 'commitBlocks')
  const publications = watch(EmbeddedContentStore.prototype, 'publish')
  const streamCommits = watch(EmbeddedStreamStore.prototype, 'commit')
  await server.upload(content)
  await new TestStream(server).part(content, 0, 3)
  await server.open(descriptorOf(content, 'gzip'))
  expect((await server.result(descriptorOf(content, 'gzip'), { prefer: 'wait=300' })).status).toBe(200)
  expect((await server.run('copy', bytesOf(2 * MIB, 7))).status).toBe(200)

  const records = [...filled(commits), ...filled(streamCommits), ...publications.mock.invocationCallOrder]
  // A part of the content, one of the stream, the source of the run, and the results of both operations.
  expect(publications).toHaveBeenCalledTimes(3)
  expect(records.length).toBeGreaterThanOrEqual(5)
  // One for each of them, in front of it: never one for each block.
  expect(datasync).toHaveBeenCalledTimes(records.length)
  const order = datasync.mock.invocationCallOrder.toSorted((a, b) => a - b)
  records
    .toSorted((a, b) => a - b)
    .forEach((record, index) => {
      expect(order[index]).toBeLessThan(record)
      expect(order[index + 1] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(record)
    })
})

test('with "process", bytes are left to the operating system', async () => {
  const { server, datasync } = await start('process')
  await server.upload(content)
  expect((await server.run('gzip', content.bytes)).status).toBe(200)
  expect(datasync).not.toHaveBeenCalled()
})

test('bytes that the disk did not take count as missing, and are taken again', async () => {
  const { server, datasync } = await start('disk')
  await server.declare(content)
  datasync.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }))
  expect(await server.part(content, 0, 1)).toMatchObject({ status: 500 })
  expect((await server.content(content)).json).toMatchObject({ missingBlocks: 6 })
  datasync.mockRejectedValueOnce(Object.assign(new Error('ENOSPC: no space, fdatasync'), { code: 'ENOSPC' }))
  expect(await server.part(content, 0, 1)).toMatchObject({ status: 503, json: { code: 'storage-full' } })
  expect(await server.part(content, 0, 6)).toMatchObject({ status: 200, json: { state: 'COMPLETE' } })
  const { body } = await server.send(PATHS.content(content.id))
  expect(JSON.parse(body.toString())).toMatchObject({ missing: [] })
})

test.each([
  { durability: 'disk', isWaiting: true },
  { durability: 'process', isWaiting: false },
] as const)(
  'with $durability, whether a change of records waits to be on the disk, where others see it before: $isWaiting',
  async ({ durability, isWaiting }) => {
    const drivers = await openEmbeddedDrivers({ folder: await temporaryFolder(), durability })
    onTestFinished(() => drivers.close())
    const gate = new Gate()
    holdFlushes(gate.opened)
    const sample = sampleContent(1)
    let isAnswered = false
    const declared = drivers.contents.declare(sample, sampleManifest(1)).then(() => {
      isAnswered = true
    })
    await until(async () => (await drivers.contents.get(sample)) !== undefined)
    if (isWaiting) {
      // Long enough for an answer that nothing holds.
      for (let turn = 0; turn < 20; turn++) await sleep(1)
      expect(isAnswered).toBe(false)
      gate.open()
    }
    await declared
  },
)

/** Has whoever waits for what the last store committed to be on the disk wait for `flushed`. */
function holdFlushes(flushed: Promise<unknown>): void {
  Object.defineProperty(stores.at(-1), 'flushed', { get: () => flushed })
}

/** A server, and the calls that wait for the bytes of a file to be on the disk. */
async function start(durability: Durability) {
  const folder = await temporaryFolder()
  const file = await open(join(folder, 'any'), 'w')
  const datasync = watch(Object.getPrototypeOf(file) as FileHandle, 'datasync')
  await file.close()
  return { server: await TestServer.start({ folder, durability }, { report: () => undefined }), datasync }
}

function watch<T extends object, K extends keyof T & string>(object: T, method: K) {
  const spy = vi.spyOn(object, method as never) as unknown as MockInstance<(...args: unknown[]) => unknown>
  onTestFinished(() => spy.mockRestore())
  return spy
}

/** When commits were called that had blocks; one without asks what stands. */
function filled({ mock }: MockInstance<(...args: unknown[]) => unknown>): number[] {
  return mock.invocationCallOrder.filter((_, call) => (mock.calls[call]![2] as unknown[]).length > 0)
}

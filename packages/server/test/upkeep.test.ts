import { once } from 'node:events'
import { open, readdir } from 'node:fs/promises'
import { get } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedDrivers } from '../src/drivers/embedded/open-embedded-drivers.js'
import { prepareFolder } from '../src/drivers/embedded/prepare-folder.js'
import { openCache } from '../src/open-cache.js'
import { spaceOf } from '../src/ports/space.js'
import { StoreProcess } from './drivers/store-process.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from './support/content.js'
import { blockDigests, TestStream } from './support/stream.js'
import { MIB, TestServer, temporaryFolder } from './support/test-server.js'
import { until } from './support/until.js'

const content = contentOf(bytesOf(3 * MIB + 10))

test('a verification finds every damaged block, while a server works, and what was damaged heals', async () => {
  const folder = await temporaryFolder()
  const server = await TestServer.start({ folder })
  await server.upload(content)
  await server.open(descriptorOf(content))
  await server.result(descriptorOf(content), { prefer: 'wait=300' })
  await using cache = await openCache(folder)
  expect(await cache.verify()).toEqual({ contents: 1, bytes: content.size, damaged: [] })

  const [blob] = await server.blobs()
  await flip(join(folder, 'blobs-v1', blob!), 1.5 * MIB)
  expect(await cache.verify()).toEqual({
    contents: 1,
    bytes: content.size,
    damaged: [{ id: content.id, blocks: 1 }],
  })
  expect(await readdir(join(folder, 'quarantine'))).toEqual([`${content.id}-1`])
  expect((await server.content(content)).json).toMatchObject({ state: 'PARTIAL', missing: [[1, 1]] })
  expect((await server.open(descriptorOf(content))).json).toMatchObject({
    state: 'UPLOADING',
    served: 'miss',
  })

  await server.part(content, 1, 1)
  const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
  expect(result.body.equals(content.bytes)).toBe(true)
  expect(await cache.verify()).toMatchObject({ damaged: [] })
})

test('a verification counts what it reads, of unfinished uploads as well', async () => {
  const folder = await temporaryFolder()
  const server = await TestServer.start({ folder })
  await server.declare(content)
  await server.part(content, 0, 1)
  await new TestStream(server).part(content, 0, 2)
  await using cache = await openCache(folder)
  expect(await cache.verify()).toEqual({ contents: 2, bytes: 3 * MIB, damaged: [] })
})

test('a verification takes damaged blocks out of an open stream', async () => {
  const folder = await temporaryFolder()
  const server = await TestServer.start({ folder })
  const stream = new TestStream(server)
  await stream.part(content, 0, 3)
  const [blob] = await server.blobs()
  await flip(join(folder, 'blobs-v1', blob!), 5)
  await using cache = await openCache(folder)
  expect(await cache.verify()).toMatchObject({ damaged: [{ id: stream.id, blocks: 1 }] })
  expect(await readdir(join(folder, 'quarantine'))).toEqual([`${stream.id}-0`])
  expect((await stream.document()).json).toMatchObject({ presentBlocks: 2, present: [[1, 2]] })
  await stream.part(content, 0, 1)
  await stream.part(content, 3, 1)
  expect((await stream.seal(content)).status).toBe(200)
})

test('after a kill, what nothing names is removed, and its room given back', async () => {
  const folder = await temporaryFolder()
  const victim = await StoreProcess.start(folder)
  const { blobs } = await prepareFolder(folder)
  // As a result that was being written.
  await victim.call('ledger', 'reserve', 'aa-left', MIB, 100 * MIB)
  const server = await TestServer.start({ folder })
  await server.upload(content)
  await victim.do('write', 'aa-left')
  expect(await readdir(join(blobs, 'aa'))).toEqual(['aa-left'])
  await victim.kill()
  const again = await TestServer.start({ folder })
  await until(async () => (await readdir(join(blobs, 'aa'))).length === 0)
  expect((await again.content(content)).json).toMatchObject({ state: 'COMPLETE' })
  await using cache = await openCache(folder)
  expect(await cache.verify()).toMatchObject({ contents: 1, damaged: [] })
})

test('what a living process has reserved room for is no leftover', async () => {
  const folder = await temporaryFolder()
  const living = await StoreProcess.start(folder)
  await living.call('ledger', 'reserve', 'bb-coming', MIB, 100 * MIB)
  await living.do('write', 'bb-coming')
  const victim = await StoreProcess.start(folder)
  await victim.do('write', 'bb-left')
  await victim.kill()
  await TestServer.start({ folder })
  const { blobs } = await prepareFolder(folder)
  await until(async () => (await readdir(join(blobs, 'bb'))).length === 1)
  expect(await readdir(join(blobs, 'bb'))).toEqual(['bb-coming'])
})

test('the room of a part is held while its bytes come, and given back with its answer', async () => {
  const folder = await temporaryFolder()
  const declaring = await TestServer.start({ folder })
  await declaring.declare(content)
  // What was promised at the declaration ends with the server that promised it.
  const server = await declaring.restart()
  const stream = new TestStream(server)
  const { ledger, close } = await openEmbeddedDrivers({ folder })
  onTestFinished(close)
  const holding = async (reservedBytes: number, storedBytes: number) =>
    until(async () => {
      const usage = await ledger.usage()
      return usage.reservedBytes === reservedBytes && usage.storedBytes === storedBytes
    })
  const parts = [
    { id: content.id, headers: {} },
    { id: stream.id, headers: { 'opcache-block-digests': blockDigests(content, 0, 3) } },
  ]
  for (const [index, { id, headers }] of parts.entries()) {
    const sender = await server.connect()
    await sender.writeHead(`PUT ${PATHS.blocks(id, 0)}`, { ...headers, 'content-length': 3 * MIB })
    await sender.write(content.part(0, 1))
    await holding(2 * MIB, (3 * index + 1) * MIB)
    await sender.write(content.part(1, 2))
    expect((await sender.readHead()).status).toBe(200)
    await holding(0, 3 * (index + 1) * MIB)
  }
})

/** Alters one byte of a file. */
async function flip(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, position)
  byte[0]! ^= 1
  await file.write(byte, 0, 1, position)
  await file.close()
}

test('a slow reader gets all its bytes, whatever another server on the same store makes room for', async () => {
  const folder = await temporaryFolder()
  const large = contentOf(bytesOf(24 * MIB, 40))
  const limits = { resultHoldSeconds: 1 }
  const time = { now: Date.now() }
  const now = () => time.now
  const reading = await TestServer.start({ folder }, { limits, now })
  await reading.upload(large)
  await reading.open(descriptorOf(large))
  await reading.result(descriptorOf(large), { prefer: 'wait=300' })
  const [answer] = await once(get(reading.url + PATHS.result(keyOf(descriptorOf(large)))), 'response')
  const small = { ...limits, maxStoreBytes: 32 * MIB }
  const evicting = await TestServer.start({ folder }, { limits: small, now })
  const drivers = await openEmbeddedDrivers({ folder })
  onTestFinished(() => drivers.close())
  const held = { space: spaceOf('default'), id: large.id }
  // Longer than anything is held that nobody reads, in steps that are shorter.
  for (let round = 0; round < 8; round++) {
    time.now += 500
    await until(async () => (await drivers.contents.get(held))!.heldUntil! >= time.now + 1000)
    await evicting.upload(contentOf(bytesOf(4 * MIB, 41 + round)))
  }
  expect((await evicting.content(large)).json).toMatchObject({ state: 'COMPLETE' })
  expect((await buffer(answer)).equals(large.bytes)).toBe(true)
})

import { expect, test } from 'vitest'
import { openCache } from '../../../src/open-cache.js'
import { bytesOf, contentOf } from '../../support/content.js'
import { TestStream } from '../../support/stream.js'
import { describeStorages, MIB, TestServer, temporaryFolder } from '../../support/test-server.js'

const content = contentOf(bytesOf(3 * MIB))
const other = contentOf(bytesOf(2 * MIB, 2))

describeStorages('an open stream whose sender is idle', kind => {
  test('makes no room for others before a minute in which nothing was heard of it', async () => {
    const time = { now: Date.now() }
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 4 * MIB }, now: () => time.now })
    const stream = new TestStream(server)
    expect(await stream.part(content, 0, 2)).toMatchObject({ status: 200 })
    // Its sender is heard of by a part, by one that is there already, and by asking for it.
    const part = () => stream.part(content, 2, 1)
    for (const isHeard of [part, part, () => stream.document()]) {
      time.now += 59_000
      expect(await isHeard()).toMatchObject({ status: 200, json: { presentBlocks: 3 } })
    }
    time.now += 59_000
    expect(await server.declare(other)).toMatchObject({ status: 503, json: { code: 'storage-full' } })
    time.now += 1_000
    expect(await server.declare(other)).toMatchObject({ status: 200 })
    expect(await stream.document()).toMatchObject({ status: 404 })
  })

  test('is held no longer once it is sealed', async () => {
    const server = await TestServer.start(kind, { limits: { maxStoreBytes: 4 * MIB } })
    expect(await new TestStream(server).send(content)).toMatchObject({ status: 200 })
    expect(await server.declare(other)).toMatchObject({ status: 200 })
  })
})

test('a stream of another process is cleared once nobody sends to it any more', async () => {
  const folder = await temporaryFolder()
  const server = await TestServer.start({ folder })
  const stream = new TestStream(server)
  await stream.part(content, 0, 3)
  await using cache = await openCache(folder)
  expect(await cache.clear()).toMatchObject({ bytes: 0 })
  expect(await cache.prune({ maxBytes: 0 })).toMatchObject({ bytes: 0 })
  expect(await stream.document()).toMatchObject({ json: { presentBlocks: 3 } })
  await server.server.close()
  expect(await cache.clear()).toMatchObject({ bytes: content.size })
})

import { join } from 'node:path'
import { Readable } from 'node:stream'
import { PATHS } from '@opcache/protocol'
import { describe, expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from './support/content.js'
import { CAN_MOUNT, SmallDisk } from './support/small-disk.js'
import { blockDigests, TestStream } from './support/stream.js'
import { MIB, TestServer } from './support/test-server.js'

const before = contentOf(bytesOf(2 * MIB, 1))
const content = contentOf(bytesOf(6 * MIB, 2))
const FULL = { status: 503, json: { code: 'storage-full' } }

describe.skipIf(!CAN_MOUNT)(
  `a disk that fills${CAN_MOUNT ? '' : ' (skipped: only root may mount one)'}`,
  () => {
    test('in the middle of a part: the sender is told, and the part comes to its end once there is room', async () => {
      const { server, disk } = await start()
      await server.declare(content)
      const part = () => server.part(content, 0, 6, { body: fillingAfterFirst(disk), headers })
      expect(await part()).toMatchObject(FULL)
      await disk.empty()
      expect((await server.part(content, 0, 6)).json).toEqual({ missingBlocks: 0, state: 'COMPLETE' })
      await expectWhole(server)
    })

    test('in the middle of a stream: likewise', async () => {
      const { server, disk } = await start()
      const stream = new TestStream(server)
      const part = (body: Readable | Uint8Array) =>
        server.send(PATHS.blocks(stream.id, 0), {
          method: 'PUT',
          body,
          headers: { ...headers, 'opcache-block-digests': blockDigests(content, 0, 6) },
        })
      expect(await part(fillingAfterFirst(disk))).toMatchObject(FULL)
      await disk.empty()
      expect((await part(content.bytes)).status).toBe(200)
      expect((await stream.seal(content)).status).toBe(200)
      await expectWhole(server)
    })
  },
)

const headers = { 'content-length': content.size }

/** A server on a disk of its own, where something is stored already. */
async function start() {
  const disk = await SmallDisk.mount()
  const server = await TestServer.start(
    { folder: join(disk.folder, 'store') },
    { limits: { minFreeBytes: 0 }, report: () => undefined },
  )
  await server.upload(before)
  return { server, disk }
}

/** The content as a body, whose sender fills the disk behind its first block. */
function fillingAfterFirst(disk: SmallDisk): Readable {
  const pieces = async function* () {
    yield content.bytes.subarray(0, MIB)
    await disk.fill()
    yield content.bytes.subarray(MIB)
  }
  return Readable.from(pieces(), { objectMode: false })
}

/** What was acknowledged before is there, and what came after. */
async function expectWhole(server: TestServer): Promise<void> {
  for (const stored of [before, content]) {
    expect((await server.content(stored)).json).toMatchObject({ state: 'COMPLETE' })
    await server.open(descriptorOf(stored))
    const { body } = await server.result(descriptorOf(stored), { prefer: 'wait=20' })
    expect(body.equals(stored.bytes)).toBe(true)
  }
}

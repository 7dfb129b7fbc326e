import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { PATHS } from '@opcache/protocol'
import { describe, expect, test } from 'vitest'
import type { InlineOperation } from '../src/index.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from './support/content.js'
import { Gate } from './support/gate.js'
import { scripted } from './support/scripted.js'
import { CAN_MOUNT, SmallDisk } from './support/small-disk.js'
import { blockDigests, TestStream } from './support/stream.js'
import { MIB, TestServer } from './support/test-server.js'
import { until } from './support/until.js'

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

    test('in the middle of a result: its attempt fails, and the next open runs it again', async () => {
      const filling = scripted('filling', {
        run: async (run, { output }, source) => {
          if (run > 1) return source
          await new Promise(resolve => output.write(source.subarray(0, MIB), resolve))
          await disk.fill()
          return source.subarray(MIB)
        },
      })
      const { server, disk } = await start([filling])
      await server.upload(content)
      await tellResult(server)
      await server.open(descriptorOf(content, 'filling'))
      const failed = await server.result(descriptorOf(content, 'filling'), { prefer: 'wait=300' })
      expect(failed).toMatchObject(FULL)
      await disk.empty()
      await server.open(descriptorOf(content, 'filling'))
      const made = await server.result(descriptorOf(content, 'filling'), { prefer: 'wait=300' })
      expect(made.body.equals(content.bytes)).toBe(true)
      expect(server.runs('filling')).toBe(2)
      await expectWhole(server)
    })

    test('to its last byte: whatever would change records is refused, and nothing is lost', async () => {
      const gate = new Gate()
      const held = scripted('held', { run: (_, __, source) => gate.opened.then(() => source) })
      const { server, disk, clock } = await start([held])
      await server.upload(content)
      await tellResult(server)
      await server.open(descriptorOf(content, 'held'))
      await disk.fill()
      expect((await server.result(descriptorOf(before))).body.equals(before.bytes)).toBe(true)
      await tellResult(server)
      // Its records have a little room left within themselves.
      const opened: string[] = []
      for (;;) {
        const descriptor = { ...descriptorOf(content), salt: randomUUID() }
        const answer = await server.open(descriptor)
        if (answer.status !== 202) {
          expect(answer).toMatchObject(FULL)
          expect(answer.headers['retry-after']).toBeDefined()
          break
        }
        opened.push(PATHS.entry(keyOf(descriptor)))
      }
      expect(await server.declare(contentOf(bytesOf(MIB, 3)))).toMatchObject(FULL)
      expect(await server.send('/readyz')).toMatchObject({ status: 503, json: { reasons: ['storage-full'] } })
      gate.open()
      await until(() => server.events.some(({ kind }) => kind === 'attempt-ended'))
      await disk.empty()
      // What could not be written of an attempt's end is made up for when nobody keeps its lease.
      clock.aheadMs += 60_000
      await server.open(descriptorOf(content, 'held'))
      const { body } = await server.result(descriptorOf(content, 'held'), { prefer: 'wait=300' })
      expect(body.equals(content.bytes)).toBe(true)
      await expectWhole(server)
      const again = await server.restart()
      await expectWhole(again)
      const waited = { headers: { prefer: 'wait=300' } }
      for (const path of opened) expect((await again.send(path, waited)).status).toBe(200)
    })
  },
)

const headers = { 'content-length': content.size }

/** A server on a disk of its own, where something is stored already. */
async function start(operations: InlineOperation[] = []) {
  const disk = await SmallDisk.mount()
  const clock = { aheadMs: 0 }
  const server = await TestServer.start(
    { folder: join(disk.folder, 'store') },
    {
      limits: { minFreeBytes: 0, resultHoldSeconds: 3600 },
      operations,
      now: () => Date.now() + clock.aheadMs,
      report: () => undefined,
    },
  )
  await server.upload(before)
  return { server, disk, clock }
}

/** Tells somebody, who does not come yet, of the result that was stored before: it is in use, and stays. */
async function tellResult(server: TestServer): Promise<void> {
  await server.open(descriptorOf(before))
  await until(async () => (await server.entry(descriptorOf(before))).json.state === 'COMPLETE')
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
    const { body } = await server.result(descriptorOf(stored), { prefer: 'wait=300' })
    expect(body.equals(stored.bytes)).toBe(true)
  }
}

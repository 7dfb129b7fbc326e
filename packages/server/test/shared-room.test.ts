import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { openEmbeddedDrivers } from '../src/index.js'
import { expectNoLeak, expectNoRecordWithoutBytes } from './crash/invariants.js'
import { bytesOf, type Content, contentOf, descriptorOf, keyOf } from './support/content.js'
import { RawConnection } from './support/raw-connection.js'
import { type Answer, send } from './support/send.js'
import { ServerProcess } from './support/server-process.js'
import { MIB, temporaryFolder } from './support/test-server.js'

test('two servers that make room in one store at a time keep it within its bound and what is in use', async () => {
  const folder = await temporaryFolder()
  const hold = join(folder, 'hold')
  writeFileSync(hold, '')
  const limits = { maxStoreBytes: 12 * MIB, resultHoldSeconds: 1 }
  const servers = await Promise.all([0, 1].map(() => ServerProcess.start(folder, hold, limits)))
  const [one, other] = servers as [ServerProcess, ServerProcess]
  const worked = contentOf(bytesOf(2 * MIB, 1))
  await upload(one, worked)
  const descriptor = descriptorOf(worked, 'held')
  await send(one.url + PATHS.entry(keyOf(descriptor)), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ descriptor }),
  })
  const drivers = await openEmbeddedDrivers({ folder })
  onTestFinished(() => drivers.close())
  const used: number[] = []
  // Five times what there is room for, by three uploads at a time of each server.
  const lanes = [0, 1, 2].flatMap(lane => servers.map(server => ({ server, seed: 100 + 20 * lane })))
  const working = lanes.map(async ({ server, seed }) => {
    for (let turn = 0; turn < 10; turn++) {
      await upload(server, contentOf(bytesOf(MIB, seed + turn + (server === one ? 0 : 10))))
      const { storedBytes, reservedBytes } = await drivers.ledger.usage()
      used.push(storedBytes + reservedBytes)
    }
  })
  await Promise.all(working)
  expect(used).toHaveLength(60)
  expect(Math.max(...used)).toBeLessThanOrEqual(12 * MIB)
  rmSync(hold)
  const waited = { headers: { prefer: 'wait=300' } }
  const result = await send(other.url + PATHS.result(keyOf(descriptor)), waited)
  expect(result.body.equals(worked.bytes)).toBe(true)
  await drivers.close()
  await Promise.all(servers.map(server => server.close()))
  await expectNoRecordWithoutBytes(folder)
  await expectNoLeak(folder, 8 * MIB)
})

test('of servers that share a store each lets a user send what he may have unfinished, and none any more after that', async () => {
  const folder = await temporaryFolder()
  const limits = { maxUnfinishedBytes: 2 * MIB }
  const servers = await Promise.all([0, 1].map(() => ServerProcess.start(folder, '/nowhere', limits)))
  const content = contentOf(bytesOf(8 * MIB, 3))
  await declare(servers[0]!, content)
  const coming: { connection: RawConnection; block: number }[] = []
  for (const [index, server] of servers.entries()) {
    for (const block of [0, 1]) {
      const connection = await RawConnection.open(server.url)
      onTestFinished(() => connection.destroy())
      await connection.writeHead(`PUT ${PATHS.blocks(content.id, 2 * index + block)}`, {
        'content-length': MIB,
        expect: '100-continue',
      })
      expect((await connection.readHead()).status).toBe(100)
      coming.push({ connection, block: 2 * index + block })
    }
    // What one server has let in, it counts.
    expect(await part(server, content, 7)).toMatchObject({ status: 429, json: { code: 'rate-limited' } })
  }
  for (const { connection, block } of coming) {
    await connection.write(content.part(block, 1))
    expect((await connection.readHead()).status).toBe(200)
  }
  for (const server of servers) expect(await part(server, content, 7)).toMatchObject({ status: 429 })
})

async function upload(server: ServerProcess, content: Content): Promise<void> {
  expect((await declare(server, content)).status).toBe(200)
  expect(await part(server, content, 0, content.blocks)).toMatchObject({
    status: 200,
    json: { missingBlocks: 0, state: 'COMPLETE' },
  })
}

function declare(server: ServerProcess, content: Content): Promise<Answer> {
  return send(server.url + PATHS.content(content.id), {
    method: 'PUT',
    headers: { 'opcache-content-size': content.size },
    body: content.manifest,
  })
}

function part(server: ServerProcess, content: Content, first: number, count = 1): Promise<Answer> {
  return send(server.url + PATHS.blocks(content.id, first), {
    method: 'PUT',
    body: content.part(first, count),
  })
}

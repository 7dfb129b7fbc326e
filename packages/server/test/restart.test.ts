import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from './support/content.js'
import { RawConnection } from './support/raw-connection.js'
import { send } from './support/send.js'
import { ServerProcess } from './support/server-process.js'
import { blockDigests, TestStream } from './support/stream.js'
import { MIB, temporaryFolder } from './support/test-server.js'
import { until } from './support/until.js'

const content = contentOf(bytesOf(6 * MIB + 10))

const declare = (url: string) =>
  send(url + PATHS.content(content.id), {
    method: 'PUT',
    headers: { 'opcache-content-size': content.size },
    body: content.manifest,
  })
const part = (url: string, first: number, count: number) =>
  send(url + PATHS.blocks(content.id, first), { method: 'PUT', body: content.part(first, count) })
const open = (url: string, operation: string) => {
  const descriptor = descriptorOf(content, operation)
  return send(url + PATHS.entry(keyOf(descriptor)), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ descriptor }),
  })
}
const entry = (url: string, operation: string, prefer = 'wait=0') =>
  send(url + PATHS.entry(keyOf(descriptorOf(content, operation))), { headers: { prefer } })

test('a server that is killed in the middle of an upload keeps what it acknowledged', async () => {
  const folder = await temporaryFolder()
  const first = await ServerProcess.start(folder)
  await open(first.url, 'copy')
  await declare(first.url)
  await part(first.url, 0, 2)
  await part(first.url, 4, 1)
  const cut = await RawConnection.open(first.url)
  await cut.writeHead(`PUT ${PATHS.blocks(content.id, 2)}`, { 'content-length': 2 * MIB })
  await cut.write(content.bytes.subarray(2 * MIB, 3.5 * MIB))
  await first.kill()

  const second = await ServerProcess.start(folder)
  const { json } = await send(second.url + PATHS.content(content.id))
  expect(json.state).toBe('PARTIAL')
  for (const [from, count] of json.missing) {
    for (const acknowledged of [0, 1, 4])
      expect(acknowledged < from || acknowledged >= from + count).toBe(true)
    await part(second.url, from, count)
  }
  // Nobody opened the entry again: the last block starts it all the same.
  expect((await entry(second.url, 'copy', 'wait=300')).json).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  const result = await send(second.url + PATHS.result(keyOf(descriptorOf(content))))
  expect(result.body.equals(content.bytes)).toBe(true)
})

test('a server that is killed in the middle of a part keeps every block of it that was stored', async () => {
  const folder = await temporaryFolder()
  const first = await ServerProcess.start(folder)
  const wide = contentOf(bytesOf(64 * MIB, 5))
  const declared = { method: 'PUT', headers: { 'opcache-content-size': wide.size }, body: wide.manifest }
  await send(first.url + PATHS.content(wide.id), declared)
  const cut = await RawConnection.open(first.url)
  await cut.writeHead(`PUT ${PATHS.blocks(wide.id, 0)}`, { 'content-length': wide.size })
  await cut.write(wide.bytes.subarray(0, 40.5 * MIB))
  const missing = async (url: string) => (await send(url + PATHS.content(wide.id))).json.missing
  // The part has not ended, and never will.
  await until(async () => (await missing(first.url))[0][0] === 40)
  await first.kill()

  const second = await ServerProcess.start(folder)
  expect(await missing(second.url)).toEqual([[40, 24]])
})

test('a server that is killed in the middle of an operation runs it again, as another attempt', async () => {
  const folder = await temporaryFolder()
  const hold = join(await temporaryFolder(), 'hold')
  await writeFile(hold, '')
  const first = await ServerProcess.start(folder, hold)
  await declare(first.url)
  await part(first.url, 0, content.blocks)
  expect((await open(first.url, 'held')).json).toMatchObject({ state: 'PROCESSING', attempt: 1 })
  await until(async () => (await entry(first.url, 'held')).json.progress?.message === 'held')
  await first.kill()

  await rm(hold)
  const second = await ServerProcess.start(folder, hold)
  const done = await entry(second.url, 'held', 'wait=300')
  expect(done.json).toMatchObject({ state: 'COMPLETE', attempt: 2 })
  expect((await open(second.url, 'held')).json).toMatchObject({ served: 'hit', attempt: 2 })
})

test('a server that is killed between the parts of a stream and its seal keeps what it acknowledged', async () => {
  const folder = await temporaryFolder()
  const first = await ServerProcess.start(folder)
  const stream = new TestStream(first)
  const path = PATHS.entry(`u-${randomUUID()}`)
  const descriptor = { v: 1, operation: { name: 'copy', params: {} } }
  await send(first.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ descriptor, source: stream.id }),
  })
  await stream.part(content, 0, 2)
  await stream.part(content, 4, 1)
  const cut = await RawConnection.open(first.url)
  await cut.writeHead(`PUT ${PATHS.blocks(stream.id, 2)}`, {
    'content-length': 2 * MIB,
    'opcache-block-digests': blockDigests(content, 2, 2),
  })
  await cut.write(content.bytes.subarray(2 * MIB, 3.5 * MIB))
  await first.kill()

  const second = await ServerProcess.start(folder)
  const resumed = new TestStream(second, {}, stream.id)
  const { json } = await resumed.document()
  expect(json.state).toBe('OPEN')
  expect([3, 4]).toContain(json.presentBlocks)
  expect(await resumed.seal(content)).toMatchObject({ status: 409 })
  await resumed.part(content, 2, 5)
  expect((await resumed.seal(content)).status).toBe(200)
  const done = await send(second.url + path, { headers: { prefer: 'wait=300' } })
  expect(done.json).toMatchObject({ state: 'COMPLETE', attempt: 1, source: { id: content.id } })
  const result = await send(`${second.url}${path}/result`)
  expect(result.body.equals(content.bytes)).toBe(true)
  await second.kill()

  const third = await ServerProcess.start(folder)
  expect((await new TestStream(third, {}, stream.id).seal(content)).json).toMatchObject({ id: content.id })
})

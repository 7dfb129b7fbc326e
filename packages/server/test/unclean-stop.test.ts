import { open, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { prepareFolder } from '../src/drivers/embedded/prepare-folder.js'
import { Records } from '../src/drivers/embedded/records/records.js'
import { StoreProcess } from './drivers/store-process.js'
import { bytesOf, contentOf, descriptorOf } from './support/content.js'
import { send } from './support/send.js'
import { ServerProcess } from './support/server-process.js'
import { TestStream } from './support/stream.js'
import { MIB, TestServer, temporaryFolder } from './support/test-server.js'
import { until } from './support/until.js'

const content = contentOf(bytesOf(12 * MIB + 10))

test('after a kill, what was damaged is missing, and nothing else is', async () => {
  const folder = await temporaryFolder()
  const killed = await ServerProcess.start(folder)
  await uploadMost(killed.url)
  await killed.kill()
  await damage(folder)

  const server = await TestServer.start({ folder })
  // All at once: they share one verification.
  const answers = await Promise.all([
    server.content(content),
    server.declare(content),
    server.open(descriptorOf(content)),
    server.content(content),
  ])
  const missing = [
    [2, 1],
    [8, 5],
  ]
  const documents = answers.map(({ json }) => json.source ?? json)
  for (const document of documents) expect(document).toMatchObject({ missing, missingBlocks: 6 })
  expect(verifications(server)).toEqual([
    { kind: 'content-verified', id: content.id, blocks: 10, lostBlocks: 3 },
  ])

  await server.part(content, 2, 1)
  expect((await server.part(content, 8, 5)).json).toEqual({ missingBlocks: 0, state: 'COMPLETE' })
  const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
  expect(result.body.equals(content.bytes)).toBe(true)
  expect(verifications(server)).toHaveLength(1)
})

test('after a start of the machine, partial contents are verified though every process had closed', async () => {
  const folder = await temporaryFolder()
  const first = await TestServer.start({ folder })
  await uploadMost(first.url)
  await first.server.close()
  await damage(folder)
  await forgeBoot(folder)

  const server = await TestServer.start({ folder })
  expect((await server.content(content)).json).toMatchObject({ missingBlocks: 6 })
  const again = await server.restart()
  expect((await again.content(content)).json).toMatchObject({ missingBlocks: 6 })
  expect(verifications(server)).toHaveLength(1)
  expect(verifications(again)).toEqual([])
})

test('after a clean stop nothing is read again', async () => {
  const folder = await temporaryFolder()
  const first = await TestServer.start({ folder })
  await uploadMost(first.url)
  const second = await first.restart()
  // Nobody looks: the map is what it was.
  await damage(folder)
  expect((await second.content(content)).json).toMatchObject({ missing: [[10, 3]], missingBlocks: 3 })
  expect(verifications(second)).toEqual([])
})

test('a complete content is not read again', async () => {
  const folder = await temporaryFolder()
  const killed = await ServerProcess.start(folder)
  await send(killed.url + PATHS.content(content.id), declaration)
  await part(killed.url, 0, content.blocks)
  await killed.kill()
  const server = await TestServer.start({ folder })
  expect((await server.content(content)).json).toMatchObject({ state: 'COMPLETE' })
  expect(verifications(server)).toEqual([])
})

test('a content that comes into doubt while its last part arrives is verified before it is complete', async () => {
  const folder = await temporaryFolder()
  const server = await TestServer.start({ folder })
  await uploadMost(server.url)
  const receiving = await server.connect()
  await receiving.writeHead(`PUT ${PATHS.blocks(content.id, 10)}`, {
    'content-length': content.part(10, 3).length,
  })
  await receiving.write(content.part(10, 1))
  await until(async () => (await server.content(content)).json.missingBlocks === 2)

  const victim = await StoreProcess.start(folder)
  await victim.kill()
  await damage(folder)
  // Whoever opens the store next sees that one has died.
  const witness = await StoreProcess.start(folder)
  await receiving.write(content.part(11, 2))
  expect((await receiving.readHead()).status).toBe(200)
  expect((await server.content(content)).json).toMatchObject({
    missing: [
      [2, 1],
      [8, 3],
    ],
  })
  expect(verifications(server)).toHaveLength(1)
  await witness.close()

  await server.part(content, 2, 1)
  await server.part(content, 8, 3)
  await server.open(descriptorOf(content))
  const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
  expect(result.body.equals(content.bytes)).toBe(true)
})

test.each(['its document', 'a part', 'a seal'] as const)(
  'after a kill, an open stream that is asked for %s has lost what was damaged, and can be sent again',
  async asked => {
    const folder = await temporaryFolder()
    const killed = await ServerProcess.start(folder)
    const sent = new TestStream(killed)
    await sent.part(content, 0, 5)
    await sent.part(content, 5, 5)
    await killed.kill()
    await damage(folder)

    const server = await TestServer.start({ folder })
    const stream = new TestStream(server, {}, sent.id)
    if (asked === 'its document') {
      expect((await stream.document()).json).toMatchObject({ presentBlocks: 7 })
    } else if (asked === 'a part') {
      expect((await stream.part(content, 10, 3)).json).toEqual({ state: 'OPEN', presentBlocks: 10 })
    } else {
      expect(await stream.seal(content)).toMatchObject({ status: 409, json: { code: 'content-mismatch' } })
    }
    const kept = [
      [0, 2],
      [3, 5],
    ]
    const { present } = (await stream.document()).json
    expect(present).toEqual(asked === 'a part' ? [...kept, [10, 3]] : kept)
    expect(verifications(server)).toEqual([
      { kind: 'content-verified', id: sent.id, blocks: 10, lostBlocks: 3 },
    ])

    expect((await stream.seal(content)).status).toBe(409)
    // An index stays claimed for the bytes that it first had.
    expect((await stream.part(contentOf(bytesOf(13 * MIB, 9)), 2, 1)).status).toBe(409)
    for (const [first, count] of [
      [2, 1],
      [8, 5],
    ] as const)
      await stream.part(content, first, count)
    expect(await stream.seal(content)).toMatchObject({ status: 200, json: { state: 'COMPLETE' } })
    await server.open(descriptorOf(content))
    const result = await server.result(descriptorOf(content), { prefer: 'wait=300' })
    expect(result.body.equals(content.bytes)).toBe(true)
  },
)

const declaration = {
  method: 'PUT',
  headers: { 'opcache-content-size': content.size },
  body: content.manifest,
}

/** Declares the content and sends all but its last three blocks. */
async function uploadMost(url: string): Promise<void> {
  await send(url + PATHS.content(content.id), declaration)
  await part(url, 0, 10)
}

function part(url: string, first: number, count: number) {
  return send(url + PATHS.blocks(content.id, first), { method: 'PUT', body: content.part(first, count) })
}

/** Alters a byte of block 2, and cuts the file off in block 8. */
async function damage(folder: string): Promise<void> {
  const layout = await prepareFolder(folder)
  const records = new Records(layout.records, 'process')
  const [blob] = records.read(({ contents, streams }) =>
    [...contents.getRange(), ...streams.getRange()].map(({ value }) => value.blob),
  )
  await records.close()
  const path = join(layout.blobs, blob!.slice(0, 2), blob!)
  const file = await open(path, 'r+')
  await file.write(Buffer.from([content.bytes[2.5 * MIB]! ^ 1]), 0, 1, 2.5 * MIB)
  await file.close()
  await truncate(path, 8 * MIB + 5)
}

/** Lets the store have been opened last by another boot of the machine. */
async function forgeBoot(folder: string): Promise<void> {
  const records = new Records((await prepareFolder(folder)).records, 'process')
  await records.change(({ trust }) => {
    trust.put('current', { ...trust.get('current')!, boot: 'another' })
  })
  await records.close()
}

function verifications(server: TestServer) {
  return server.events.filter(({ kind }) => kind === 'content-verified')
}

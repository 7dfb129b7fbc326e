import { Readable } from 'node:stream'
import { PATHS } from '@opcache/protocol'
import { describe, expect, test } from 'vitest'
import { LOCAL_CALLER } from '../../src/engine/caller.js'
import { publishContent, storeBytes } from '../../src/engine/contents/store-content.js'
import { openEntry } from '../../src/engine/entries/open-entry.js'
import { runLeasedAttempt } from '../../src/execution/run-attempt.js'
import { OperationRegistry } from '../../src/operations/registry.js'
import type { Lease } from '../../src/ports/operation-queue.js'
import { spaceOf } from '../../src/ports/space.js'
import { startEngine } from '../engine/test-engine.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Tokens } from '../support/credentials.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { TestStream } from '../support/stream.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const good = contentOf(bytesOf(2 * MIB + 5, 1))
const evil = contentOf(bytesOf(2 * MIB + 5, 2))

/** What somebody gets who uses the content honestly after all that was tried. */
async function expectGood(server: TestServer, headers: Record<string, string> = {}): Promise<void> {
  await server.upload(good, headers)
  const answer = await server.run('copy', good.bytes, { headers })
  expect([answer.status, answer.headers.etag]).toEqual([200, `"${good.id}"`])
  expect(answer.body.equals(good.bytes)).toBe(true)
}

describeStorages('a content cannot be poisoned', kind => {
  test.each([
    ['by the manifest of another content', evil.manifest, good.size],
    ['by its blocks in another order', swapped(good.manifest), good.size],
    ['by one digest that is another', changed(good.manifest), good.size],
    ['by another size', good.manifest, good.size - 1],
  ])('%s', async (_how, manifest, size) => {
    const server = await TestServer.start(kind)
    const declared = await server.declare({ ...good, manifest, size })
    expect(declared).toMatchObject({ status: 422, json: { code: 'manifest-mismatch' } })
    expect(await server.content(good)).toMatchObject({ status: 404 })
    await expectGood(server)
  })

  test.each([
    ['by the blocks of another', 0, evil.part(0, 2)],
    ['by its own blocks, swapped', 0, Buffer.concat([good.part(1, 1), good.part(0, 1)])],
    ['by its first block in the place of the second', 1, good.part(0, 1)],
  ])('under its right manifest, %s', async (_how, first, body) => {
    const server = await TestServer.start(kind)
    await server.declare(good)
    const part = await server.send(PATHS.blocks(good.id, first), { method: 'PUT', body })
    expect(part).toMatchObject({ status: 422, json: { code: 'block-mismatch', block: first } })
    expect((await server.content(good)).json.missingBlocks).toBe(3)
    await expectGood(server)
  })

  test('by a run that announces it and sends something else', async () => {
    const server = await TestServer.start(kind)
    const answer = await server.run('copy', evil.bytes, { headers: { 'opcache-content': good.id } })
    expect(answer).toMatchObject({ status: 409, json: { code: 'content-mismatch' } })
    expect(await server.content(good)).toMatchObject({ status: 404 })
    expect(await server.content(evil)).toMatchObject({ status: 404 })
    if (kind === 'embedded') expect(await server.blobs()).toEqual([])
    await expectGood(server)
  })
})

describeStorages('a stream cannot be poisoned', kind => {
  test.each([
    ['under the id of another content', evil.part(0, 3), { size: good.size, id: good.id }],
    ['with its blocks swapped', swappedBlocks(good), { size: good.size, id: good.id }],
    ['with a size that is not its own', good.bytes, { size: good.size - 1, id: good.id }],
  ])('by being sealed %s', async (_how, bytes, end) => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const sent = contentOf(bytes)
    expect((await stream.part(sent, 0, 3)).status).toBe(200)
    expect(await stream.seal(end)).toMatchObject({ status: 409, json: { code: 'content-mismatch' } })
    expect(await server.content(good)).toMatchObject({ status: 404 })
    // What it is it may still become.
    expect(await stream.seal(sent)).toMatchObject({ status: 200, json: { id: sent.id } })
    await expectGood(server)
  })

  test('by a short block in the middle', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const short = contentOf(good.bytes.subarray(0, MIB - 1))
    expect((await stream.part(short, 0, 1)).status).toBe(200)
    expect((await stream.part(good, 1, 2)).status).toBe(200)
    expect(await stream.seal(good)).toMatchObject({ status: 409, json: { code: 'content-mismatch' } })
    expect(await server.content(good)).toMatchObject({ status: 404 })
    await expectGood(server)
  })

  test('by two clients that send different bytes for one index at the same time', async () => {
    const server = await TestServer.start(kind)
    const stream = new TestStream(server)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => stream.part(at % 2 === 0 ? good : evil, 0, 3)),
    )
    const took = [0, 1].map(which => answers.filter((_, at) => at % 2 === which).map(({ status }) => status))
    const [winner, loser] = took[0]!.includes(200) ? [good, evil] : [evil, good]
    expect(took[winner === good ? 1 : 0]).toEqual([409, 409, 409, 409])
    expect(await stream.seal(loser)).toMatchObject({ status: 409, json: { code: 'content-mismatch' } })
    expect(await stream.seal(winner)).toMatchObject({ status: 200, json: { id: winner.id } })
    const copy = await server.run('copy', winner.bytes)
    expect(copy.body.equals(winner.bytes)).toBe(true)
    await expectGood(server)
  })
})

describe('an entry cannot be poisoned', () => {
  test('by a descriptor under the key of another', async () => {
    const server = await TestServer.start('memory')
    await server.upload(evil)
    const path = PATHS.entry(keyOf(descriptorOf(good)))
    expect(await server.postJson(path, { descriptor: descriptorOf(evil) })).toMatchObject({
      status: 422,
      json: { code: 'key-mismatch' },
    })
    expect(await server.send(path)).toMatchObject({ status: 404 })
    await expectGood(server)
  })

  test('by a source that is not the one of its descriptor', async () => {
    const server = await TestServer.start('memory')
    await server.upload(evil)
    expect(await server.open(descriptorOf(good), { source: evil.id })).toMatchObject({ status: 409 })
    await server.open(descriptorOf(good))
    expect(await server.open(descriptorOf(good), { source: evil.id })).toMatchObject({ status: 409 })
    await expectGood(server)
  })

  test('by a name for what nobody can check, outside of a private space', async () => {
    const tokens = await Tokens.make()
    const [anna, bert] = [await tokens.add({ user: 'anna' }), await tokens.add({ user: 'bert' })]
    const server = await TestServer.start('memory', { auth: { tokens: tokens.path } })
    await server.upload(evil, bert)
    const named = {
      v: 1 as const,
      resource: { name: 'handbook', version: '7' },
      operation: { name: 'copy', params: {} },
    }
    expect(await server.open(named, { source: evil.id }, bert)).toMatchObject({ status: 400 })
    expect(await server.open({ ...named, user: 'anna' }, { source: evil.id }, bert)).toMatchObject({
      status: 403,
    })
    // His own claim is his own: it is looked for where only he looks.
    await server.upload(evil, { ...bert, 'opcache-space': 'private' })
    expect((await server.open({ ...named, user: 'bert' }, { source: evil.id }, bert)).status).toBe(202)
    expect((await server.open({ ...named, user: 'anna' }, {}, anna)).json).toMatchObject({
      served: 'miss',
      source: null,
    })
  })

  test('by a result that a client brings: no route takes one', async () => {
    const server = await TestServer.start('memory')
    await server.upload(good)
    const descriptor = descriptorOf(good)
    await server.open(descriptor)
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
      const path = PATHS.result(keyOf(descriptor))
      expect(await server.send(path, { method, body: evil.bytes })).toMatchObject({ status: 405 })
    }
    const sent = { descriptor, result: { id: evil.id, size: evil.size, type: 'a/b', name: 'x' } }
    expect(await server.postJson(PATHS.entry(keyOf(descriptor)), sent)).toMatchObject({ status: 400 })
    await expectGood(server)
  })

  test('by the worker of an entry that was deleted and opened again meanwhile', async () => {
    const gate = new Gate()
    // The first run does not look at its signal, and has its result only after the second one.
    const slow = scripted('slow', { run: run => (run === 1 ? gate.opened.then(() => 'old') : 'new') })
    const server = await TestServer.start('memory', { operations: [slow], concurrency: 2 })
    const descriptor = descriptorOf(good, 'slow')
    await server.upload(good)
    await server.open(descriptor)
    await until(() => slow.runs === 1)
    expect((await server.send(PATHS.entry(keyOf(descriptor)), { method: 'DELETE' })).status).toBe(204)
    expect((await server.open(descriptor)).json).toMatchObject({ served: 'miss', attempt: 1 })
    expect((await server.result(descriptor, { prefer: 'wait=300' })).text).toBe('new')
    gate.open()
    await until(() => server.events.filter(({ kind }) => kind === 'attempt-ended').length === 2)
    expect((await server.result(descriptor)).text).toBe('new')
    expect((await server.entry(descriptor)).json).toMatchObject({ attempt: 1, state: 'COMPLETE' })
  })

  test('by an attempt whose lease was lost, whenever it comes back', async () => {
    const started = await startEngine()
    const gate = new Gate()
    const slow = scripted('slow', { run: run => (run === 1 ? gate.opened.then(() => 'old') : 'new') })
    const engine = { ...started.engine, operations: new OperationRegistry([slow]) }
    const space = spaceOf(LOCAL_CALLER.namespace)
    const stored = await storeBytes(engine, Readable.from([good.bytes]))
    await publishContent(engine, space, stored)
    const descriptor = descriptorOf(good, 'slow')
    const { record } = await openEntry(engine, LOCAL_CALLER, keyOf(descriptor), { descriptor })
    const read = async () => (await engine.entries.get(space, record.key))!

    const lost = await nextLease()
    const losing = runLeasedAttempt(engine, lost)
    await until(() => slow.runs === 1)
    // Longer than any lease: the next worker finds that this one is lost, and another attempt begins.
    started.time.now += 3_600_000
    while ((await read()).phase.state === 'PROCESSING') await runLeasedAttempt(engine, await nextLease())
    const won = await read()
    expect(won).toMatchObject({
      attempt: 2,
      phase: { state: 'COMPLETE', result: { id: contentOf('new').id } },
    })
    gate.open()
    await losing
    expect(await read()).toEqual(won)
    // What it has left is run again, as a replay: the job is not there any more.
    await runLeasedAttempt(engine, lost)
    expect(await read()).toEqual(won)
    expect(slow.runs).toBe(2)

    async function nextLease(): Promise<Lease> {
      for (;;) {
        const lease = await engine.queue.lease(['slow'], 1000)
        if (lease) return lease
        started.time.now += 60_000
      }
    }
  })
})

/** The manifest with its first two digests in each other's place. */
function swapped(manifest: Uint8Array): Buffer {
  const [first, second, ...rest] = [0, 1, 2].map(at => manifest.subarray(at * 32, at * 32 + 32))
  return Buffer.concat([second!, first!, ...rest])
}

/** The bytes with their first two blocks in each other's place. */
function swappedBlocks(content: typeof good): Buffer {
  return Buffer.concat([content.part(1, 1), content.part(0, 1), content.part(2, 1)])
}

function changed(manifest: Uint8Array): Buffer {
  const copy = Buffer.from(manifest)
  copy[33]! ^= 1
  return copy
}

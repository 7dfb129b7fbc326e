import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import type { RawConnection } from '../support/raw-connection.js'
import { scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(3 * MIB + 9))
const waiting = { expect: '100-continue' }

const jsonOf = async (connection: RawConnection, head: Awaited<ReturnType<RawConnection['readHead']>>) =>
  JSON.parse((await connection.readBody(head)).toString())

/** A run whose client waits for leave to send the body. */
async function beginRun(
  server: TestServer,
  operation: string,
  headers: Record<string, string | number> = {},
) {
  const connection = await server.connect()
  await connection.writeHead(`POST ${PATHS.run(operation)}`, {
    ...waiting,
    'content-length': content.size,
    'opcache-content': content.id,
    ...headers,
  })
  return connection
}

async function beginPart(server: TestServer, first: number, count: number) {
  const connection = await server.connect()
  await connection.writeHead(`PUT ${PATHS.blocks(content.id, first)}`, {
    ...waiting,
    'content-length': content.part(first, count).length,
  })
  return connection
}

describeStorages('Expect: 100-continue', kind => {
  test('a run that is a hit is answered without a byte of the body', async () => {
    const server = await TestServer.start(kind)
    await server.run('copy', content.bytes)
    const connection = await beginRun(server, 'copy')
    const head = await connection.readHead()
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({ 'opcache-served': 'hit', connection: 'close' })
    expect((await connection.readBody(head)).equals(content.bytes)).toBe(true)
    expect(server.runs()).toBe(1)
  })

  test('a run whose source is stored but whose entry is not complete is answered at once with its place', async () => {
    const gate = new Gate()
    const slow = scripted('slow', { run: (_run, _context, source) => gate.opened.then(() => source) })
    const server = await TestServer.start(kind, { operations: [slow] })
    await server.upload(content)
    for (const served of ['miss', 'joined']) {
      const connection = await beginRun(server, 'slow')
      const head = await connection.readHead()
      expect(head.status).toBe(202)
      expect(head.headers.location).toBe(PATHS.result(keyOf(descriptorOf(content, 'slow'))))
      expect(await jsonOf(connection, head)).toMatchObject({ state: 'PROCESSING', served })
    }
    gate.open()
    expect((await server.result(descriptorOf(content, 'slow'), { prefer: 'wait=300' })).status).toBe(200)
    expect(slow.runs).toBe(1)
  })

  test('a run that is a miss gets leave, once, and then its answer', async () => {
    const server = await TestServer.start(kind)
    const connection = await beginRun(server, 'copy')
    expect((await connection.readHead()).status).toBe(100)
    await connection.write(content.bytes)
    const head = await connection.readHead()
    expect(head.status).toBe(200)
    expect((await connection.readBody(head)).equals(content.bytes)).toBe(true)
    expect(head.headers.connection).not.toBe('close')
    // The connection is good for another request.
    await connection.writeHead('GET /healthz')
    expect((await connection.readHead()).status).toBe(200)
  })

  test('an entry that only waits for its source gets leave', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptorOf(content))
    const connection = await beginRun(server, 'copy')
    expect((await connection.readHead()).status).toBe(100)
  })

  const refusals: [
    name: string,
    operation: string,
    headers: Record<string, string | number>,
    status: number,
  ][] = [
    ['an unknown operation', 'nothing', {}, 404],
    ['bad parameters', 'copy?x=1', {}, 422],
    ['too many bytes', 'copy', { 'content-length': 2 ** 50 }, 413],
    ['a malformed content', 'copy', { 'opcache-content': 'x' }, 400],
    ['an encoding', 'copy', { 'content-encoding': 'br' }, 415],
  ]
  test.each(refusals)('a run with %s is refused without leave', async (_name, operation, headers, status) => {
    const server = await TestServer.start(kind)
    const connection = await beginRun(server, operation, headers)
    const head = await connection.readHead()
    expect(head.status).toBe(status)
    expect(head.headers.connection).toBe('close')
    await connection.readToEnd()
  })

  test('a part that is wanted gets leave', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const connection = await beginPart(server, 0, 2)
    expect((await connection.readHead()).status).toBe(100)
    await connection.write(content.part(0, 2))
    const head = await connection.readHead()
    expect(await jsonOf(connection, head)).toEqual({ missingBlocks: 2, state: 'PARTIAL' })
  })

  test('a part whose blocks are all stored is acknowledged at once', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    await server.part(content, 0, 2)
    const stored = await beginPart(server, 0, 2)
    const head = await stored.readHead()
    expect(head.status).toBe(200)
    expect(await jsonOf(stored, head)).toEqual({ missingBlocks: 2, state: 'PARTIAL' })
    const partly = await beginPart(server, 1, 2)
    expect((await partly.readHead()).status).toBe(100)
  })

  test('a part that is being received on another connection is in flight, until that is cut', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    await server.part(content, 0, 1)
    const first = await beginPart(server, 0, 3)
    expect((await first.readHead()).status).toBe(100)
    await first.write(content.part(0, 1))
    const inFlight = async () => {
      const second = await beginPart(server, 1, 2)
      const head = await second.readHead()
      if (head.status === 100) second.destroy()
      return head.status === 200 ? jsonOf(second, head) : head.status
    }
    // 100 only says that reading begins.
    await until(async () => (await inFlight()) !== 100)
    expect(await inFlight()).toEqual({ missingBlocks: 3, state: 'PARTIAL', inFlight: true })
    const more = await beginPart(server, 1, 3)
    expect((await more.readHead()).status).toBe(100)
    more.destroy()
    first.destroy()
    await until(async () => (await inFlight()) === 100)
  })

  test('a part that is refused is refused without leave', async () => {
    const server = await TestServer.start(kind)
    const unknown = await beginPart(server, 0, 1)
    expect((await unknown.readHead()).status).toBe(404)
    await server.declare(content)
    const offGrid = await server.connect()
    await offGrid.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { ...waiting, 'content-length': 5 })
    expect((await offGrid.readHead()).status).toBe(400)
  })

  test('declaring and opening get leave as well', async () => {
    const server = await TestServer.start(kind)
    const declaring = await server.connect()
    await declaring.writeHead(`PUT ${PATHS.content(content.id)}`, {
      ...waiting,
      'content-length': content.manifest.length,
      'opcache-content-size': content.size,
    })
    expect((await declaring.readHead()).status).toBe(100)
    await declaring.write(content.manifest)
    expect((await declaring.readHead()).status).toBe(200)
    const body = JSON.stringify({ descriptor: descriptorOf(content) })
    const opening = await server.connect()
    await opening.writeHead(`POST ${PATHS.entry(keyOf(descriptorOf(content)))}`, {
      ...waiting,
      'content-type': 'application/json',
      'content-length': body.length,
    })
    expect((await opening.readHead()).status).toBe(100)
    await opening.write(body)
    expect((await opening.readHead()).status).toBe(202)
  })

  test('another expectation is not understood', async () => {
    const server = await TestServer.start(kind)
    const connection = await beginRun(server, 'copy', { expect: 'nonsense' })
    const head = await connection.readHead()
    expect([head.status, head.headers['opcache-protocol']]).toEqual([417, '1'])
    expect(JSON.parse((await connection.readToEnd()).toString()).code).toBe('expectation-failed')
  })

  test('nobody gets a 100 who did not ask for it', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    const connection = await server.connect()
    await connection.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { 'content-length': MIB })
    await connection.write(content.part(0, 1))
    const part = await connection.readHead()
    expect(part.status).toBe(200)
    await connection.readBody(part)
    await connection.writeHead(`POST ${PATHS.run('copy')}`, { 'content-length': 2 })
    await connection.write('ab')
    expect((await connection.readHead()).status).toBe(200)
  })
})

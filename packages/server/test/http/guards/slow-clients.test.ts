import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { LOCAL_CALLER } from '../../../src/engine/caller.js'
import { changeEntry } from '../../../src/engine/entries/change-entry.js'
import { openEntry } from '../../../src/engine/entries/open-entry.js'
import { createApp } from '../../../src/http/create-app.js'
import { OperationRegistry } from '../../../src/operations/registry.js'
import { startEngine } from '../../engine/test-engine.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { Gate } from '../../support/gate.js'
import { RawConnection } from '../../support/raw-connection.js'
import { scripted } from '../../support/scripted.js'
import { MIB, type TestOptions, TestServer } from '../../support/test-server.js'
import { until } from '../../support/until.js'

/** Whoever takes longer than this to get on is cut; whoever only waits may take many times as long. */
const IDLE_MS = 1000

/** A server that loses its patience soon, and its ends of the connections in the order in which they were made. */
async function startImpatient(options: TestOptions = {}): Promise<{ server: TestServer; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = await TestServer.start('memory', {
    limits: { maxIdleMs: IDLE_MS },
    prepare: app => void app.server.on('connection', (socket: Socket) => void sockets.push(socket)),
    ...options,
  })
  return { server, sockets }
}

test.each([
  ['says nothing', ''],
  ['does not end its head', 'GET /v1 HTTP/1.1\r\nhost: a\r\n'],
])('a connection that %s is ended', async (_what, bytes) => {
  const { server } = await startImpatient()
  const connection = await server.connect()
  if (bytes !== '') await connection.write(bytes)
  await connection.readToEnd()
})

test('a head that comes byte by byte is not waited for', async () => {
  const { server, sockets } = await startImpatient()
  const connection = await server.connect()
  await until(() => sockets.length === 1)
  await connection.write('GET /v1 HTTP/1.1\r\nhost: a\r\nx: ')
  while (!sockets[0]!.destroyed) {
    await connection.write('y')
    await sleep(20)
  }
})

test.each([
  ['that does not come', false],
  ['of a byte now and then', true],
])('a body %s costs its connection, and whole blocks before it stay', async (_what, isTrickling) => {
  const { server, sockets } = await startImpatient()
  const content = contentOf(bytesOf(2 * MIB))
  await server.declare(content)
  const sending = await server.connect()
  await sending.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, { 'content-length': content.size })
  await sending.write(content.bytes.subarray(0, MIB))
  const socket = sockets.at(-1)!
  while (!socket.destroyed) {
    if (isTrickling) await sending.write(content.bytes.subarray(0, 1))
    await sleep(20)
  }
  await until(async () => (await server.content(content)).json.missingBlocks === 1)
})

test('a body that nobody asked for any more costs its connection, too', async () => {
  const { server } = await startImpatient()
  const sending = await server.connect()
  await sending.writeHead(`POST ${PATHS.run('nothing')}`, { 'content-length': 2 ** 40 })
  expect((await sending.readHead()).status).toBe(404)
  await sending.readToEnd()
})

test('an answer that is not read costs its connection', async () => {
  const { server, sockets } = await startImpatient()
  const content = contentOf(bytesOf(32 * MIB))
  await server.upload(content)
  await server.run('copy', content.bytes)
  const reading = await server.connect()
  await reading.writeHead(`GET ${PATHS.result(keyOf(descriptorOf(content)))}`)
  await reading.readHead()
  reading.pause()
  const socket = sockets.at(-1)!
  await until(() => socket.destroyed)
  // What the client has taken, and what was on the way to it: the rest was never read from the store.
  expect(socket.bytesWritten).toBeLessThan(content.size)
})

test('events that are not read cost their connection, and are not kept for it', async () => {
  const { engine: started } = await startEngine()
  const large = scripted('large')
  const operations = new OperationRegistry([large])
  const engine = { ...started, operations, limits: { ...started.limits, maxIdleMs: IDLE_MS } }
  const { app } = await createApp(engine, {})
  onTestFinished(() => app.close())
  const sockets: Socket[] = []
  app.server.on('connection', (socket: Socket) => void sockets.push(socket))
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  // Each event carries it, so that what lies between server and client is soon full.
  const descriptor = descriptorOf(contentOf('x'), 'large', { filler: 'x'.repeat(200_000) })
  let { record } = await openEntry(engine, LOCAL_CALLER, keyOf(descriptor), { descriptor })
  const reading = await RawConnection.open(url)
  onTestFinished(() => reading.destroy())
  await reading.writeHead(`GET ${PATHS.entry(record.key)}`, { accept: 'text/event-stream' })
  await reading.readHead()
  reading.pause()
  const [socket] = sockets as [Socket]
  let keptBytes = 0
  while (!socket.destroyed) {
    record = (await changeEntry(engine, record, { phase: record.phase }))!
    await sleep(5)
    keptBytes = Math.max(keptBytes, socket.writableLength)
  }
  expect(keptBytes).toBeLessThan(2 * 250_000)
  await until(() => app.waits.taken === 0)
})

test('who waits for the server may wait for long', async () => {
  const gate = new Gate()
  const held = scripted('held', { run: (_run, _context, source) => gate.opened.then(() => source) })
  const { server } = await startImpatient({ operations: [held] })
  const content = contentOf('waited for')
  const running = server.run('held', content.bytes)
  const path = PATHS.entry(keyOf(descriptorOf(content, 'held')))
  await until(async () => (await server.send(path)).status === 202)
  const polling = server.send(path, { headers: { prefer: 'wait=300' } })
  const watching = await server.connect()
  await watching.writeHead(`GET ${path}`, { accept: 'text/event-stream' })
  await watching.readHead()
  await sleep(4 * IDLE_MS)
  gate.open()
  expect((await running).text).toBe('waited for')
  expect((await polling).json.state).toBe('COMPLETE')
  await watching.readPast('"state":"COMPLETE"')
})

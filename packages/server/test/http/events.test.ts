import { PATHS } from '@opcache/protocol'
import { afterEach, expect, test, vi } from 'vitest'
import { contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { orStopped, scripted } from '../support/scripted.js'
import { describeStorages, TestServer } from '../support/test-server.js'

const content = contentOf('watched')
const descriptor = descriptorOf(content)

async function watch(server: TestServer, key = keyOf(descriptor), headers: Record<string, string> = {}) {
  const connection = await server.connect()
  await connection.writeHead(`GET ${PATHS.entry(key)}`, {
    accept: 'text/event-stream',
    connection: 'close',
    ...headers,
  })
  return { connection, head: await connection.readHead() }
}

/** The next event, its fields by name. */
async function nextEvent({ connection }: Awaited<ReturnType<typeof watch>>) {
  const text = await connection.readPast('\n\n')
  const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]
  const data = field('data')
  return { event: field('event'), id: Number(field('id')), data: data && JSON.parse(data) }
}

afterEach(() => vi.useRealTimers())

describeStorages('events', kind => {
  test('tell every state, with the revision as id, and end with the last', async () => {
    const gate = new Gate()
    const slow = scripted('slow', { run: (_run, _context, source) => gate.opened.then(() => source) })
    const server = await TestServer.start(kind, { operations: [slow] })
    const own = descriptorOf(content, 'slow')
    await server.open(own)
    const watching = await watch(server, keyOf(own))
    expect(watching.head).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'opcache-protocol': '1' },
    })
    const first = await nextEvent(watching)
    expect(first).toMatchObject({ event: 'entry', id: 1, data: { state: 'UPLOADING', revision: 1 } })
    await server.upload(content)
    const second = await nextEvent(watching)
    expect(second).toMatchObject({ event: 'entry', data: { state: 'PROCESSING', attempt: 1 } })
    expect(second.id).toBe(second.data.revision)
    gate.open()
    const third = await nextEvent(watching)
    expect(third).toMatchObject({ event: 'entry', data: { state: 'COMPLETE', result: { id: content.id } } })
    expect(third.id).toBeGreaterThan(second.id)
    expect((await watching.connection.readToEnd()).toString()).not.toContain('event:')
  })

  test('a failure is told and ends them', async () => {
    const failing = scripted('failing', { run: () => Promise.reject(new Error('no luck')) })
    const server = await TestServer.start(kind, { operations: [failing] })
    await server.run('failing', content.bytes)
    const watching = await watch(server, keyOf(descriptorOf(content, 'failing')))
    expect(await nextEvent(watching)).toMatchObject({
      data: { state: 'FAILED', error: { detail: 'no luck' } },
    })
    await watching.connection.readToEnd()
  })

  test('who knows the current revision is told only what follows', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    const watching = await watch(server, keyOf(descriptor), { 'last-event-id': '1' })
    expect(watching.head.status).toBe(200)
    await server.upload(content)
    expect((await nextEvent(watching)).id).toBeGreaterThan(1)
  })

  test('who knows the end is told that there is no more', async () => {
    const server = await TestServer.start(kind)
    await server.run('copy', content.bytes)
    const { revision } = (await server.entry(descriptor)).json
    const again = await watch(server, keyOf(descriptor), { 'last-event-id': `${revision}` })
    expect(again.head.status).toBe(204)
    for (const known of [`${revision - 1}`, `${revision + 7}`, 'nonsense', '-1']) {
      const watching = await watch(server, keyOf(descriptor), { 'last-event-id': known })
      expect((await nextEvent(watching)).id, known).toBe(revision)
    }
  })

  test('a deletion is told', async () => {
    const gate = new Gate()
    const slow = scripted('slow', {
      run: (_run, { signal }, source) => orStopped(gate.opened, signal).then(() => source),
    })
    const server = await TestServer.start(kind, { operations: [slow] })
    const own = descriptorOf(content, 'slow')
    await server.upload(content)
    await server.open(own)
    const watching = await watch(server, keyOf(own))
    await nextEvent(watching)
    await server.send(PATHS.entry(keyOf(own)), { method: 'DELETE' })
    const events = (await watching.connection.readToEnd()).toString()
    expect(events).toContain('event: gone')
  })

  test('an unknown entry has no events', async () => {
    const server = await TestServer.start(kind)
    expect((await watch(server)).head.status).toBe(404)
  })

  test('a comment comes while nothing happens', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    const watching = await watch(server)
    await nextEvent(watching)
    vi.advanceTimersByTime(15_000)
    expect(await watching.connection.readPast('\n\n')).toMatch(/^: /m)
  })

  test('a client that leaves is forgotten', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    for (let client = 0; client < 10; client++) {
      const watching = await watch(server)
      await nextEvent(watching)
      watching.connection.destroy()
    }
    await server.upload(content)
    expect((await server.entry(descriptor, { prefer: 'wait=300' })).json.state).toBe('COMPLETE')
  })

  test('many watch one entry, and all see its end', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    const all = await Promise.all(Array.from({ length: 50 }, () => watch(server)))
    await server.upload(content)
    const ends = await Promise.all(all.map(({ connection }) => connection.readToEnd()))
    for (const end of ends) expect(end.toString()).toContain('"state":"COMPLETE"')
  })

  test('a closing server ends them without a word, so that clients come back', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptor)
    const watching = await watch(server)
    await nextEvent(watching)
    await server.server.close()
    const rest = (await watching.connection.readToEnd()).toString()
    expect(rest).not.toContain('gone')
  })
})

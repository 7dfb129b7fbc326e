import { stat } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { PATHS } from '@opcache/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { orStopped, scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('waited for')

const gated = (gate: Gate, version = '1') =>
  scripted('gated', {
    version,
    run: (_run, { signal }, source) => orStopped(gate.opened, signal).then(() => source),
  })
const descriptor = descriptorOf(content, 'gated')

describeStorages('waiting', kind => {
  test('a wait that is over before the end is answered with the document as it is', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptorOf(content))
    for (const prefer of ['wait=0', 'wait=1', 'respond-async, wait=0', 'handling=lenient']) {
      const answer = await server.entry(descriptorOf(content), { prefer })
      expect([answer.status, answer.json.state], prefer).toEqual([202, 'UPLOADING'])
    }
  })

  test('a thousand waiters on one entry all wake', async () => {
    const gate = new Gate()
    const server = await TestServer.start(kind, { operations: [gated(gate)] })
    await server.upload(content)
    await server.open(descriptor)
    const agent = new Agent({ keepAlive: true, maxSockets: 1000 })
    onTestFinished(() => agent.destroy())
    const waiters = Array.from({ length: 1000 }, () =>
      server.send(PATHS.entry(keyOf(descriptor)), { agent, headers: { prefer: 'wait=300' } }),
    )
    await until(async () => (await server.entry(descriptor)).json.state === 'PROCESSING')
    gate.open()
    const states = (await Promise.all(waiters)).map(({ json }) => json.state)
    expect(states.filter(state => state === 'COMPLETE')).toHaveLength(1000)
    expect(server.runs('gated')).toBe(1)
  })

  test('a closing server lets waiters go and takes the connections with it', async () => {
    const server = await TestServer.start(kind)
    await server.open(descriptorOf(content))
    const agent = new Agent({ keepAlive: true })
    onTestFinished(() => agent.destroy())
    const path = PATHS.entry(keyOf(descriptorOf(content)))
    const waiting = server.send(path, { agent, headers: { prefer: 'wait=300' } })
    const idle = await server.connect()
    await idle.writeHead('GET /healthz')
    await idle.readHead()
    // The waiter's request came before this one.
    await server.send('/healthz', { agent })
    await server.server.close()
    const answer = await waiting
    expect([answer.status, answer.json.state]).toEqual([202, 'UPLOADING'])
    await expect(server.send('/healthz')).rejects.toThrow('ECONNREFUSED')
  })
})

test('a running attempt is handed to the next server, as the same attempt', async () => {
  const never = new Gate()
  const first = await TestServer.start('embedded', { operations: [gated(never)] })
  await first.upload(content)
  await first.open(descriptor)
  await until(() => first.runs('gated') === 1)
  const waiting = first.entry(descriptor, { prefer: 'wait=300' })
  await first.send('/healthz')
  const gate = new Gate()
  gate.open()
  const second = await first.restart({ operations: [gated(gate)] })
  expect((await waiting).json.state).toBe('PROCESSING')
  const done = await second.entry(descriptor, { prefer: 'wait=300' })
  expect(done.json).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  expect(second.runs('gated')).toBe(1)
})

test('a part that is being received when the server closes keeps its whole blocks', async () => {
  const big = contentOf(bytesOf(4 * MIB))
  const first = await TestServer.start('embedded')
  await first.declare(big)
  const connection = await first.connect()
  await connection.writeHead(`PUT ${PATHS.blocks(big.id, 0)}`, { 'content-length': big.size })
  await connection.write(big.bytes.subarray(0, 2.5 * MIB))
  const { folder } = first.storage as { folder: string }
  await until(async () => {
    const [blob] = await first.blobs()
    return blob !== undefined && (await stat(join(folder, 'blobs-v1', blob))).size === 2 * MIB
  })
  const second = await first.restart()
  expect((await second.content(big)).json.missing).toEqual([[2, 2]])
})

test('another version of the operation is a miss; the stored source serves it', async () => {
  const gate = new Gate()
  gate.open()
  const first = await TestServer.start('embedded', { operations: [gated(gate, '1')] })
  await first.run('gated', content.bytes)
  const second = await first.restart({ operations: [gated(gate, '2')] })
  const opened = await second.open(descriptor)
  expect(opened.json).toMatchObject({ served: 'miss', attempt: 2, operationVersion: '2' })
  const done = await second.entry(descriptor, { prefer: 'wait=300' })
  expect(done.json).toMatchObject({ state: 'COMPLETE', attempt: 2, operationVersion: '2' })
  expect((await second.open(descriptor)).json.served).toBe('hit')
})

test('two servers on one folder wake each other and run an operation once', async () => {
  const gate = new Gate()
  const one = await TestServer.start('embedded', { operations: [gated(gate)] })
  const two = await TestServer.start(one.storage as { folder: string }, { operations: [gated(gate)] })
  await one.open(descriptor)
  const waiting = two.entry(descriptor, { prefer: 'wait=300' })
  await one.declare(content)
  await two.part(content, 0, 1)
  gate.open()
  expect((await waiting).json.state).toBe('COMPLETE')
  expect(one.runs('gated') + two.runs('gated')).toBe(1)
})

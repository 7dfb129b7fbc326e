import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { bytesOf, contentOf, descriptorOf } from '../support/content.js'
import { Gate } from '../support/gate.js'
import { orStopped, scripted } from '../support/scripted.js'
import { describeStorages, MIB, TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf(bytesOf(2 * MIB))

describeStorages('a closing server', kind => {
  test('ends what is under way, tells that it is closing, and begins nothing', async () => {
    const server = await TestServer.start(kind)
    await server.declare(content)
    expect((await server.send('/readyz')).status).toBe(200)
    const upload = await server.connect()
    await upload.writeHead(`PUT ${PATHS.blocks(content.id, 0)}`, {
      'content-length': content.size,
      expect: '100-continue',
    })
    expect((await upload.readHead()).status).toBe(100)
    await upload.write(content.bytes.subarray(0, 1.5 * MIB))
    const closed = server.server.close()

    // On connections of their own: it still listens.
    expect(await server.send('/healthz')).toMatchObject({ status: 200, headers: { connection: 'close' } })
    expect(await server.send('/readyz')).toMatchObject({ status: 503, json: { reasons: ['closing'] } })
    expect(await server.declare(content)).toMatchObject({ status: 503, json: { code: 'busy' } })
    expect((await server.run('copy', 'x')).headers['retry-after']).toBe('5')

    await upload.write(content.bytes.subarray(1.5 * MIB))
    const head = await upload.readHead()
    expect(head.status).toBe(200)
    expect(JSON.parse((await upload.readBody(head)).toString())).toMatchObject({ missingBlocks: 0 })
    await closed
    await expect(server.send('/healthz')).rejects.toThrow('ECONNREFUSED')
  })
})

/** An operation that ends when a gate opens, or when it is stopped. */
const gated = (gate: Gate) =>
  scripted('gated', { run: (_run, { signal }) => orStopped(gate.opened, signal).then(() => 'done') })

/** A server on which an attempt runs and somebody waits for it. */
async function startWithAttempt(gate: Gate, attemptGraceMs: number) {
  const server = await TestServer.start('embedded', { operations: [gated(gate)], limits: { attemptGraceMs } })
  const source = contentOf('x')
  await server.upload(source)
  const descriptor = descriptorOf(source, 'gated')
  await server.open(descriptor)
  await until(() => server.runs('gated') === 1)
  const waiting = server.entry(descriptor, { prefer: 'wait=300' })
  // It was asked on an earlier connection, so it waits by now.
  await server.send('/healthz')
  return { server, descriptor, waiting }
}

test('a closing server sends waiters away at once, and lets what runs come to its end', async () => {
  const gate = new Gate()
  const { server, descriptor, waiting } = await startWithAttempt(gate, 60_000)
  const closed = server.server.close()
  expect(await waiting).toMatchObject({
    status: 202,
    json: { state: 'PROCESSING' },
    headers: { 'retry-after': '1' },
  })
  expect(await server.send('/readyz')).toMatchObject({ status: 503, json: { reasons: ['closing'] } })
  gate.open()
  await closed
  const next = await server.restart({ operations: [gated(new Gate())] })
  expect((await next.entry(descriptor)).json).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  expect((await next.result(descriptor)).text).toBe('done')
  expect(next.runs()).toBe(0)
})

test.each([
  ['when its time is over', 1, false],
  ['when it is to close now', 60_000, true],
])('a closing server hands back what still runs %s', async (_when, attemptGraceMs, isNow) => {
  const { server, descriptor, waiting } = await startWithAttempt(new Gate(), attemptGraceMs)
  // Told, or cut before that.
  waiting.catch(() => undefined)
  const closed = server.server.close()
  if (isNow) await server.server.closeNow()
  await closed
  const gate = new Gate()
  gate.open()
  const next = await server.restart({ operations: [gated(gate)] })
  const done = await next.entry(descriptor, { prefer: 'wait=300' })
  expect(done.json).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  expect([server.runs('gated'), next.runs('gated')]).toEqual([1, 1])
})

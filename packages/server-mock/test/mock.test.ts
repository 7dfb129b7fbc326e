import { afterEach, expect, test, vi } from 'vitest'
import { type Mock, scriptedOperation, startMock } from '../src/index.js'

let mock: Mock

/** The test's own time limit ends the wait. */
const WAITING = { timeout: 500_000, interval: 5 }

afterEach(() => mock.close())

const run = (operation = 'copy', body: string | Uint8Array = 'hello') =>
  fetch(`${mock.url}/v1/run/${operation}`, { method: 'POST', body })

test('it is a whole server', async () => {
  mock = await startMock()
  expect(await (await run()).text()).toBe('hello')
  expect(mock.runs()).toBe(1)
})

test('it records what came in', async () => {
  mock = await startMock()
  await run()
  expect(mock.recorder.requests).toHaveLength(1)
  expect(mock.recorder.of('run')[0]).toMatchObject({ method: 'POST', bodyBytes: 5, answerBytes: 5 })
  expect(mock.recorder.bodyBytes('part')).toBe(0)
  mock.recorder.clear()
  expect(mock.recorder.requests).toEqual([])
})

test('it answers in process', async () => {
  mock = await startMock()
  const answer = await mock.inject({ method: 'GET', url: '/v1' })
  expect(answer.json()).toMatchObject({ protocol: 1, caller: { user: 'local' } })
})

test('scripted operations do one run after the other', async () => {
  const shout = scriptedOperation('shout', [
    { failure: 'not yet' },
    { result: source => source.toString().toUpperCase(), type: 'text/plain', name: 'loud.txt' },
  ])
  mock = await startMock({ operations: [shout] })
  const failed = await run('shout')
  expect(failed.status).toBe(422)
  expect(await failed.json()).toMatchObject({
    code: 'operation-failed',
    detail: 'not yet',
    deterministic: false,
  })
  const done = await run('shout')
  expect(await done.text()).toBe('HELLO')
  expect(done.headers.get('content-disposition')).toContain('loud.txt')
  expect(mock.runs('shout')).toBe(2)
})

test('a deterministic failure is remembered until its time is over', async () => {
  mock = await startMock({
    operations: [scriptedOperation('no', [{ failure: 'never', isDeterministic: true }])],
  })
  await run('no')
  await run('no')
  expect(mock.runs('no')).toBe(1)
  mock.clock.advance(61 * 60 * 1000)
  await run('no')
  expect(mock.runs('no')).toBe(2)
})

test('a refusal is scripted by its code', async () => {
  mock = await startMock({
    faults: [{ on: 'run', action: { kind: 'status', code: 'busy', retryAfterSeconds: 7 } }],
  })
  const refused = await run()
  expect(refused.status).toBe(503)
  expect(refused.headers.get('retry-after')).toBe('7')
  expect(await refused.json()).toMatchObject({ code: 'busy' })
  expect(mock.faults.pending).toEqual([])
  expect((await run()).status).toBe(200)
})

test('a connection is dropped before the request, in its body, and in the answer', async () => {
  mock = await startMock()
  mock.faults.plan(
    { on: 'run', nth: 1, action: { kind: 'drop' } },
    { on: 'run', nth: 2, action: { kind: 'drop', afterBytes: 100_000 } },
    { on: 'run', nth: 3, action: { kind: 'drop-answer', afterBytes: 1000 } },
  )
  const body = new Uint8Array(1_000_000)
  await expect(run('copy', body)).rejects.toThrow()
  await expect(run('copy', body)).rejects.toThrow()
  expect(mock.recorder.of('run')[1]?.bodyBytes).toBe(100_000)
  await expect(run('copy', body).then(answer => answer.arrayBuffer())).rejects.toThrow()
  expect(mock.recorder.of('run')[2]?.answerBytes).toBe(1000)
  expect(mock.faults.pending).toEqual([])
  expect((await (await run('copy', body)).arrayBuffer()).byteLength).toBe(1_000_000)
})

test('a byte of the answer is altered', async () => {
  mock = await startMock({ faults: [{ on: 'run', action: { kind: 'corrupt', atByte: 1 } }] })
  const bytes = Buffer.from(await (await run()).arrayBuffer())
  expect(bytes.length).toBe(5)
  expect(bytes[1]).toBe('e'.charCodeAt(0) ^ 0xff)
  expect(bytes[0]).toBe('h'.charCodeAt(0))
})

test('a stalled request neither answers nor ends', async () => {
  mock = await startMock({ faults: [{ on: 'run', action: { kind: 'stall' } }] })
  const patience = new AbortController()
  const init = { method: 'POST', body: 'x', signal: patience.signal }
  const stalled = fetch(`${mock.url}/v1/run/copy`, init).catch(error => error)
  await vi.waitUntil(() => mock.recorder.of('run').length === 1, WAITING)
  // Long enough for an answer that nothing holds.
  for (let turn = 0; turn < 3; turn++) expect((await run()).status).toBe(200)
  patience.abort(new Error('no answer'))
  expect(await stalled).toMatchObject({ message: 'no answer' })
  expect(mock.recorder.of('run')[0]?.status).toBe(0)
})

test('faults that met nothing are pending', async () => {
  mock = await startMock({ faults: [{ on: 'part', nth: 2, times: 3, action: { kind: 'drop' } }] })
  await run()
  expect(mock.faults.pending).toHaveLength(1)
})

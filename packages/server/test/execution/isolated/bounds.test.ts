import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { AttemptLog } from '../../../src/execution/attempt-log.js'
import { defineOperation, type OperationLimits } from '../../../src/index.js'
import { scripted } from '../../support/scripted.js'
import { TestServer } from '../../support/test-server.js'

const greedy = (name: string, limits: OperationLimits) =>
  defineOperation({
    name,
    version: '1',
    summary: 'Takes what it can get',
    params: { type: 'object' },
    streaming: false,
    limits,
    module: fileURLToPath(new URL('../../fixtures/greedy-operation.mjs', import.meta.url)),
  })

const operations = [
  greedy('heap', { memoryBytes: 64 * 2 ** 20 }),
  greedy('buffers', { memoryBytes: 256 * 2 ** 20 }),
  greedy('loop', { timeoutMs: 500 }),
  greedy('narrow', { timeoutMs: 60_000 }),
  greedy('flood', { outputBytes: 2 ** 20 }),
]

test.each([
  ['heap', /more than the 64 MiB of memory/],
  ['buffers', /more than the 256 MiB of memory/],
  ['loop', /longer than the 0.5 s/],
  ['flood', /larger than the 1048576 bytes/],
])('an isolated attempt that takes too much (%s) fails once, for good, and alone', async (act, detail) => {
  const server = await TestServer.start('embedded', { operations })
  const call = () => server.send(`${PATHS.run(act)}?act=${act}`, { method: 'POST', body: 'some' })
  const failed = await call()
  expect(failed.json).toMatchObject({ deterministic: true, detail: expect.stringMatching(detail) })
  await call()
  expect(server.runs(act)).toBe(1)
  expect((await server.run('copy', 'some')).text).toBe('some')
  expect(await server.blobs()).toHaveLength(1)
})

test('an operation that finds out what its source is can bound its time further, and only further', async () => {
  const server = await TestServer.start('embedded', { operations })
  const detailOf = async (operation: string, ms: number | string) => {
    const query = new URLSearchParams({ act: 'loop', ms: JSON.stringify(ms) })
    const failed = await server.send(`${PATHS.run(operation)}?${query}`, { method: 'POST', body: 'some' })
    return failed.json.detail as string
  }
  expect(await detailOf('narrow', 700)).toMatch(/longer than the 0.7 s/)
  expect(await detailOf('loop', 60_000)).toMatch(/longer than the 0.5 s/)
  expect(await detailOf('narrow', 'soon')).toMatch(/limited its time to soon, which is no number/)
})

test('a bomb for gunzip fails at the size that a result may have, and nothing of it stays', async () => {
  const server = await TestServer.start('embedded', { limits: { maxResultBytes: 4 * 2 ** 20 } })
  const failed = await server.run('gunzip', gzipSync(Buffer.alloc(64 * 2 ** 20)))
  expect(failed.json).toMatchObject({ deterministic: true, detail: expect.stringContaining('4194304 bytes') })
  expect(await server.blobs()).toHaveLength(1)
})

test('a function in the server that writes nothing, or takes too long, fails with the reason', async () => {
  const silent = { ...scripted('silent'), run: async () => ({}) }
  const endless = {
    ...scripted('endless', { run: () => new Promise(() => undefined) }),
    limits: { timeoutMs: 50 },
  }
  const server = await TestServer.start('memory', { operations: [silent, endless] })
  expect((await server.run('silent', 'x')).json).toMatchObject({
    deterministic: false,
    detail: expect.stringContaining('wrote nothing'),
  })
  expect((await server.run('endless', 'x')).json.detail).toMatch(/longer than the 0.05 s/)
})

test('an unknown parameter and an unknown operation are answered with what was probably meant', async () => {
  const server = await TestServer.start('memory')
  const param = await server.send(`${PATHS.run('gzip')}?levle=3`, { method: 'POST', body: 'x' })
  expect(param.json.detail).toContain('"levle" (did you mean "level"?)')
  expect((await server.run('gunzp', 'x')).json.detail).toContain('"gunzp" (did you mean "gunzip"?)')
})

test('the end of a log is kept, whatever came', () => {
  const log = new AttemptLog()
  expect(log.text).toBeUndefined()
  for (let line = 0; line < 10_000; line++) log.append(`line ${line}, ääh\n`)
  expect(Buffer.byteLength(log.text!)).toBeLessThanOrEqual(16 * 1024)
  expect(log.text).toMatch(/line 9999, ääh\n$/)
  expect(log.text).not.toContain('\ufffd')
})

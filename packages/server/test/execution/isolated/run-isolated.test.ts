import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { PATHS } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { defineOperation } from '../../../src/index.js'
import { bytesOf, contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { describeStorages, MIB, TestServer } from '../../support/test-server.js'
import { until } from '../../support/until.js'

const isolated = (name: string, module: string) =>
  defineOperation({
    name,
    version: '1',
    summary: 'Runs in a process of its own',
    params: { type: 'object' },
    streaming: false,
    module,
  })
const misbehaving = isolated(
  'misbehaving',
  fileURLToPath(new URL('../../fixtures/misbehaving-operation.mjs', import.meta.url)),
)
const missing = isolated('missing', '/nowhere/to/be/found.mjs')

const weighsSessions = existsSync('/proc/self/autogroup')

const content = contentOf(bytesOf(2 * MIB + 3))
const operations = [misbehaving, missing]

const act = (server: TestServer, name: string) =>
  server.send(`${PATHS.run('misbehaving')}?act=${name}`, { method: 'POST', body: content.bytes })

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describeStorages('an isolated operation', kind => {
  test('gives its result, type and name', async () => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const answer = await act(server, 'copy')
    expect(answer.status).toBe(200)
    expect(answer.body.equals(content.bytes)).toBe(true)
    expect(answer.headers['content-type']).toBe('text/plain')
    expect(answer.headers['content-disposition']).toContain('copy.txt')
  })

  test.skipIf(!weighsSessions)('leaves the processor to others, with all of its session', async () => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const answer = await act(server, 'priority')
    expect(answer.json).toMatchObject({ detail: expect.stringMatching(/^10, \S+ nice 10$/) })
  })

  const LOSSES = new Set(['crash', 'abort', 'exit', 'exit-quietly', 'print-and-die'])
  const failures: [act: string, detail: RegExp, isDeterministic: boolean][] = [
    ['crash', /killed by SIGSEGV/, false],
    ['abort', /killed by SIGABRT/, false],
    ['exit', /exit code 7/, false],
    ['exit-quietly', /exit code 0/, false],
    ['throw-text', /it threw a text/, false],
    ['throw-nothing', /it threw undefined/, false],
    ['throw-bare', /it threw \[Object: null prototype\] \{\}/, false],
    ['throw-object', /it threw \{ code: 7 \}/, false],
    ['throw-circular', /it threw <ref \*1> \{ name: 'ring', self: \[Circular \*1\] \}/, false],
    ['throw-promise', /it threw Promise \{ 'nobody waits for this' \}/, false],
    ['throw-frozen', /^as cold as ice$/, false],
    ['throw-hostile', /\w/, false],
    ['throw', /^an accident$/, false],
    ['throw-cause', /^it could not be fetched: connection refused$/, false],
    ['throw-several', /^no first; no second$/, false],
    ['write-nothing', /^It wrote nothing/, false],
    ['refuse', /^page 9 does not exist$/, true],
    ['uncaught-later', /^nobody caught this$/, false],
    ['return-function', /could not be cloned/, false],
    ['write-late', /^write after end$/, false],
    ['print-and-die', /the last words/, false],
    ['write-and-fail', /^after the bytes$/, false],
    ['tell-nonsense', /no fraction/, false],
    ['tell-number', /a progress of 0.5/, false],
    ['name-nonsense', /no media type/, false],
  ]
  test.each(failures)('that does "%s" fails alone', async (name, detail, isDeterministic) => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const failed = await act(server, name)
    expect([failed.status, failed.json.code, failed.json.deterministic]).toEqual([
      422,
      'operation-failed',
      isDeterministic,
    ])
    expect(failed.json.detail).toMatch(detail)
    // A process that died is replaced on its own, a few times; a failure that was told is not.
    const isLost = /tried 3 times/.test(failed.json.detail)
    expect(server.runs('misbehaving')).toBe(isLost ? 3 : 1)
    expect(isLost).toBe(LOSSES.has(name))
    // Of what it wrote nothing stays; the source does.
    if (kind === 'embedded') expect(await server.blobs()).toHaveLength(1)
    expect((await act(server, 'copy')).status).toBe(200)
  })

  test.each(['print', 'tell-much', 'send-nonsense'])('that does "%s" still gives its result', async name => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const answer = await act(server, name)
    expect(answer.status).toBe(200)
    expect(answer.body.equals(content.bytes)).toBe(true)
  })

  test('that fails by accident tells in its log where, and no folder', async () => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const { headers } = await act(server, 'throw')
    const { log } = (await server.send(PATHS.entry(String(headers['opcache-key'])))).json
    expect(log).toMatch(/^ {4}at .*\(misbehaving-operation\.mjs:\d+:\d+\)$/m)
    expect(log).not.toContain('/')
  })

  test('whose module is nowhere fails', async () => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const failed = await server.run('missing', content.bytes)
    expect([failed.status, failed.json.deterministic]).toEqual([422, false])
  })

  test.each(['hang', 'block'])('that does "%s" is killed when its entry is deleted', async name => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const descriptor = descriptorOf(content, 'misbehaving', { act: name })
    await server.upload(content)
    await server.open(descriptor)
    let pid = 0
    await until(async () => {
      pid = Number((await server.entry(descriptor)).json.progress?.message ?? 0)
      return pid > 0
    })
    expect(isAlive(pid)).toBe(true)
    await server.send(PATHS.entry(keyOf(descriptor)), { method: 'DELETE' })
    await until(() => !isAlive(pid))
  })

  test('ends with its server', async () => {
    const server = await TestServer.start(kind, { operations, limits: { retryDelayMs: 1 } })
    const descriptor = descriptorOf(content, 'misbehaving', { act: 'hang' })
    await server.upload(content)
    await server.open(descriptor)
    let pid = 0
    await until(async () => {
      pid = Number((await server.entry(descriptor)).json.progress?.message ?? 0)
      return pid > 0
    })
    await server.server.close()
    await until(() => !isAlive(pid))
  })
})

import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contentOf } from '../support/content.js'
import { Tokens } from '../support/credentials.js'
import { Gate } from '../support/gate.js'
import { scripted } from '../support/scripted.js'
import { send } from '../support/send.js'
import { describeStorages, TestServer, temporaryFolder } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('seen from outside')

describe('metrics', () => {
  test('count opens, attempts, requests and bytes', async () => {
    const failing = scripted('failing', {
      run: () => {
        throw new Error('no')
      },
    })
    const server = await TestServer.start('memory', { metrics: true, operations: [failing] })
    await server.run('copy', content.bytes)
    await server.run('copy', content.bytes)
    await server.run('failing', content.bytes)
    await server.send('/nowhere/x')
    const value = await readMetrics(`${server.url}/metrics`)
    expect(value('opcache_opens_total{served="hit"}')).toBe(1)
    expect(value('opcache_opens_total{served="miss"}')).toBe(2)
    expect(value('opcache_saved_bytes_total')).toBe(content.size)
    expect(value('opcache_attempts_total{operation="copy",outcome="complete"}')).toBe(1)
    expect(value('opcache_attempts_total{operation="failing",outcome="failed"}')).toBe(1)
    expect(value('opcache_attempts_running')).toBe(0)
    expect(value('opcache_attempt_seconds_count{operation="copy"}')).toBe(1)
    expect(value('opcache_requests_total{method="POST",route="/v1/run/:operation",status="200"}')).toBe(2)
    expect(value('opcache_requests_total{method="GET",route="none",status="404"}')).toBe(1)
    expect(value('opcache_request_seconds_count{method="POST",route="/v1/run/:operation"}')).toBe(3)
    expect(value('opcache_received_bytes_total')).toBeGreaterThan(3 * content.size)
    expect(value('opcache_sent_bytes_total')).toBeGreaterThan(2 * content.size)
    expect(value('opcache_disk_available_bytes')).toBe(Number.POSITIVE_INFINITY)
  })

  test('tell what runs and what waits', async () => {
    const gate = new Gate()
    const held = scripted('held', { run: () => gate.opened.then(() => 'done') })
    const server = await TestServer.start('memory', { metrics: true, operations: [held], concurrency: 1 })
    const running = ['a', 'b', 'c'].map(body => server.run('held', body))
    const read = () => readMetrics(`${server.url}/metrics`)
    await until(async () => (await read())('opcache_queue_length') === 2)
    expect((await read())('opcache_attempts_running')).toBe(1)
    gate.open()
    await Promise.all(running)
    expect((await read())('opcache_queue_length')).toBe(0)
  })

  test('are for admins, and on a port of their own for whoever asks', async () => {
    const tokens = await Tokens.make()
    const [user, admin] = [
      await tokens.add({ user: 'a' }),
      await tokens.add({ user: 'b', scopes: ['admin'] }),
    ]
    const server = await TestServer.start('memory', { auth: { tokens: tokens.path }, metrics: { port: 0 } })
    expect(await server.send('/metrics')).toMatchObject({ status: 401 })
    expect(await server.send('/metrics', { headers: user })).toMatchObject({ status: 403 })
    expect(await server.send('/metrics', { headers: admin })).toMatchObject({ status: 200 })
    const url = server.server.metricsUrl as string
    expect(
      (await readMetrics(url))('opcache_requests_total{method="GET",route="/metrics",status="403"}'),
    ).toBe(1)
    expect(await send(url.replace('/metrics', '/v1'))).toMatchObject({ status: 404 })
    await server.server.close()
    await expect(send(url)).rejects.toThrow('ECONNREFUSED')
  })

  test('are not there unless they are asked for', async () => {
    const server = await TestServer.start('memory')
    expect(await server.send('/metrics')).toMatchObject({ status: 404 })
  })
})

describeStorages('readiness', kind => {
  test('is told while the server can work', async () => {
    const server = await TestServer.start(kind)
    const ready = await server.send('/readyz')
    expect(ready).toMatchObject({ status: 200, json: { status: 'ok', reasons: [] } })
    if (kind === 'embedded') expect(await server.blobs()).toEqual([])
  })
})

test('a server whose store cannot be written is not ready, and is again when it can', async () => {
  const folder = await temporaryFolder()
  const server = await TestServer.start({ folder }, { report: () => undefined })
  const [blobs, aside] = [join(folder, 'blobs-v1'), join(folder, 'aside')]
  await rename(blobs, aside)
  await writeFile(blobs, 'no folder any more')
  expect(await server.send('/readyz')).toMatchObject({
    status: 503,
    json: { status: 'not-ready', reasons: ['storage-not-writable'] },
  })
  expect(await server.send('/healthz')).toMatchObject({ status: 200 })
  await rm(blobs)
  await rename(aside, blobs)
  await chmod(blobs, 0o700)
  await until(async () => (await server.send('/readyz')).status === 200)
})

test('each request has a name, in its answer and in the report of what went wrong', async () => {
  const reports: string[] = []
  const server = await TestServer.start('memory', {
    report: (_error, what) => void reports.push(what),
    observe: ({ kind }) => {
      if (kind === 'entry-opened') throw new Error('broken on purpose')
    },
  })
  const [one, two] = [await server.send('/v1'), await server.send('/v1')]
  expect(one.headers['x-request-id']).not.toBe(two.headers['x-request-id'])
  const broken = await server.run('gzip?level=9', content.bytes, { headers: { 'opcache-salt': 'secret' } })
  expect(broken).toMatchObject({ status: 500, json: { code: 'internal' } })
  expect(broken.text).not.toContain('purpose')
  // Its parameters may be secret.
  expect(reports).toEqual([`answering POST /v1/run/gzip (request ${broken.headers['x-request-id']})`])
})

async function readMetrics(url: string): Promise<(name: string) => number | undefined> {
  const { text, headers } = await send(url)
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/)
  const values = new Map(
    text
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'))
      .map(line => {
        const at = line.lastIndexOf(' ')
        const value = line.slice(at + 1)
        return [line.slice(0, at), value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value)] as const
      }),
  )
  return name => values.get(name)
}

import { rm } from 'node:fs/promises'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('hold', '')
  await sandbox.write(
    'opcache.config.mjs',
    `import { existsSync } from 'node:fs'
export default { operations: [{
  name: 'held', version: '1', summary: 'Ends once its file is gone', params: { type: 'object' }, streaming: false,
  run: async ({ input, output }) => {
    while (existsSync(${JSON.stringify(sandbox.path('hold'))})) await new Promise(done => setTimeout(done, 10))
    for await (const chunk of input.stream()) output.write(chunk)
    return {}
  },
}] }`,
  )
})
afterEach(() => sandbox[Symbol.asyncDispose]())

const start = (port: string, grace = '0.1') =>
  serve(sandbox, ['--port', port, '--data', 'data', '--config', 'opcache.config.mjs', '--close-grace', grace])

test.each<NodeJS.Signals>(['SIGTERM', 'SIGINT'])(
  '%s stops a server in the middle of everything, and the next one ends all of it',
  async signal => {
    const first = await start('0')
    const { port } = new URL(first.url)
    const ran = await fetch(`${first.url}/v1/run/held`, {
      method: 'POST',
      body: 'x',
      headers: { prefer: 'wait=0' },
    })
    const { key } = (await ran.json()) as { key: string }
    const entry = `${first.url}/v1/entries/${key}`
    const poll = fetch(entry, { headers: { prefer: 'wait=60' } })
    const events = await fetch(entry, { headers: { accept: 'text/event-stream' } })
    const told = events.text()
    const bytes = randomBytes(8 * 2 ** 20, signal)
    await sandbox.write('big.bin', bytes)
    const upload = sandbox.start([
      '--server',
      first.url,
      'upload',
      'big.bin',
      '--op',
      'copy',
      '-o',
      'copied',
      '--limit-rate',
      '8M',
    ])
    await counted(first, 'opcache_attempts_running', 1)
    await counted(first, 'opcache_waits', 2)
    await counted(first, 'opcache_uploads', 1)

    first.command.process.kill(signal)
    expect(await first.command.ended).toMatchObject({ status: 0, signal: null })
    const answer = await poll
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([202, '1'])
    expect(await answer.json()).toMatchObject({ state: 'PROCESSING', attempt: 1 })
    expect(await told).toMatch(/^retry: \d+\nevent: entry\n/)
    expect(await told).not.toContain('gone')

    await rm(sandbox.path('hold'))
    const second = await start(port)
    // Nobody opens the entry again.
    const done = await fetch(entry, { headers: { prefer: 'wait=60' } })
    expect(await done.json()).toMatchObject({ state: 'COMPLETE', attempt: 1 })
    expect(await upload.ended).toMatchObject({ status: 0 })
    expect((await sandbox.read('copied')).equals(bytes)).toBe(true)
    second.command.process.kill(signal)
    expect(await second.command.ended).toMatchObject({ status: 0 })
  },
)

test('a second signal ends a server at once, and what ran goes back for the next one', async () => {
  const served = await start('0', '600')
  const run = { method: 'POST', body: 'x', headers: { prefer: 'wait=0' } }
  const { key } = (await (await fetch(`${served.url}/v1/run/held`, run)).json()) as { key: string }
  await counted(served, 'opcache_attempts_running', 1)
  // A body that does not come holds a closing server as well.
  const stalled = request(`${served.url}/v1/run/copy`, { method: 'POST', headers: { 'content-length': 10 } })
  stalled.on('error', () => undefined).write('half')
  await counted(served, 'opcache_uploads', 1)
  served.command.process.kill('SIGTERM')
  while ((await fetch(`${served.url}/readyz`)).status !== 503) await sleep(5)
  served.command.process.kill('SIGTERM')
  expect(await served.command.ended).toMatchObject({ status: 0, signal: null })
  await rm(sandbox.path('hold'))
  const next = await start('0')
  const done = await fetch(`${next.url}/v1/entries/${key}`, { headers: { prefer: 'wait=60' } })
  expect(await done.json()).toMatchObject({ state: 'COMPLETE', attempt: 1 })
  next.command.process.kill('SIGTERM')
  await next.command.ended
})

/** Waits until the server counts so many. */
async function counted({ url }: Served, metric: string, count: number): Promise<void> {
  const line = new RegExp(`^${metric} ${count}$`, 'm')
  while (!line.test(await (await fetch(`${url}/metrics`)).text())) await sleep(5)
}

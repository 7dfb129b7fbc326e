import { afterAll, beforeAll, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { serve } from '../served.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

test('serve --log tells each request in a line, and no secret', async () => {
  const created = await sandbox.run(['token', 'create', '--tokens', 'tokens', '--user', 'anna', '-q'])
  const token = created.stdout.toString().trim()
  const served = await serve(sandbox, ['--port', '0', '--data', 'data', '--tokens', 'tokens'])
  served.command.process.kill('SIGTERM')
  await served.command.ended

  const port = new URL(served.url).port
  const logging = sandbox.start(['serve', '--port', port, '--data', 'data', '--tokens', 'tokens', '--log'])
  await reachable(served.url)
  const answer = await fetch(`${served.url}/v1/run/gzip?level=9`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'opcache-salt': 'pepper' },
    body: 'the source',
  })
  expect(answer.status).toBe(200)
  await fetch(`${served.url}/v1`, { headers: { authorization: 'Bearer opcache_guessed' } })
  logging.process.kill('SIGTERM')
  const { stdout, status } = await logging.ended
  expect(status).toBe(0)

  const text = stdout.toString()
  const lines = text
    .split('\n')
    .filter(line => line.startsWith('{'))
    .map(line => JSON.parse(line))
    .filter(({ msg }) => msg === 'request ended')
  expect(lines).toContainEqual(
    expect.objectContaining({
      reqId: answer.headers.get('x-request-id'),
      method: 'POST',
      path: '/v1/run/gzip',
      status: 200,
      namespace: 'default',
      user: 'anna',
    }),
  )
  expect(lines).toContainEqual(expect.objectContaining({ method: 'GET', path: '/v1', status: 401 }))
  for (const secret of [token, 'level=9', 'pepper', 'the source', 'guessed'])
    expect(text).not.toContain(secret)
})

async function reachable(url: string): Promise<void> {
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok) {
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

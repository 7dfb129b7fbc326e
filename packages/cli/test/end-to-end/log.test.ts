import { appendFile } from 'node:fs/promises'
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
  const served = await serve(sandbox, ['--port', '0', '--data', 'data', '--tokens', 'tokens', '--log'])
  const answer = await fetch(`${served.url}/v1/run/gzip?level=9`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'opcache-salt': 'pepper' },
    body: 'the source',
  })
  expect(answer.status).toBe(200)
  await fetch(`${served.url}/v1`, { headers: { authorization: 'Bearer opcache_guessed' } })
  served.command.process.kill('SIGTERM')
  const { stdout, status } = await served.command.ended
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

test('neither the log nor what goes wrong tells a secret, and all of it is JSON lines', async () => {
  const created = await sandbox.run(['token', 'create', '--tokens', 'busy', '--user', 'anna', '-q'])
  const token = created.stdout.toString().trim()
  const jwt = `eyJhbGciOiJFUzI1NiJ9.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.c2lnbmF0dXJl`
  const served = await serve(sandbox, [
    ...['--port', '0', '--data', 'busy-data', '--tokens', 'busy', '--log-level', 'debug'],
    // Where nobody answers.
    ...['--jwt-jwks', 'http://127.0.0.1:1/jwks', '--jwt-issuer', 'issuer', '--jwt-audience', 'audience'],
  ])
  const ask = async (path: string, headers: Record<string, string>, init: RequestInit = {}) =>
    (await fetch(served.url + path, { ...init, headers: { cookie: 'session=biscuit', ...headers } })).status
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` })
  const post = { method: 'POST', body: 'the source' }
  expect(await ask('/v1/run/gzip?level=9', bearer(token), post)).toBe(200)
  expect(await ask('/v1/run/copy?X-Signature=signed', bearer(token), post)).toBe(422)
  expect(await ask('/%zz?X-Signature=signed', bearer(token))).toBe(400)
  expect(await ask('/v1', bearer(jwt))).toBe(503)
  expect(await ask('/v1', bearer('opcache_guessed'))).toBe(401)
  expect(await ask('/v1', { authorization: 'Basic YW5uYTpiaXNjdWl0' })).toBe(401)
  // Somebody forgets that the file has hashes.
  await appendFile(sandbox.path('busy'), 'opcache_plain-as-it-is\n')
  expect(await ask('/v1', bearer(token))).toBe(200)
  served.command.process.kill('SIGTERM')
  const { stdout, stderr, status } = await served.command.ended
  expect(status).toBe(0)

  const [address, ...work] = stdout.toString().trimEnd().split('\n')
  expect(address).toBe(served.url)
  const told = work.map(line => JSON.parse(line).msg)
  expect(new Set(told)).toEqual(
    new Set(['entry opened', 'attempt started', 'attempt ended', 'request ended']),
  )
  const reports = stderr
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(reports.map(({ level, msg }) => [level, msg.split(' ', 3).join(' ')])).toEqual([
    [30, 'Serving'.concat(` ${sandbox.path('busy-data')};`, ' Ctrl-C')],
    [50, 'failed while getting'],
    [50, 'failed while reading'],
  ])
  const said = `${stdout}${stderr}`
  const secrets = [token, jwt, 'c2lnbmF0dXJl', 'biscuit', 'YW5uYTpiaXNjdWl0', 'signed', 'level=9', 'guessed']
  for (const secret of [...secrets, 'plain-as-it-is', 'the source']) expect(said).not.toContain(secret)
})

test('serve --log-level tells what weighs as much', async () => {
  const served = await serve(sandbox, ['--port', '0', '--data', 'quiet-data', '--log-level', 'warn', '-q'])
  expect((await fetch(`${served.url}/v1`)).status).toBe(200)
  expect((await fetch(`${served.url}/nowhere`)).status).toBe(404)
  served.command.process.kill('SIGTERM')
  const { stdout, stderr } = await served.command.ended
  const [, ...lines] = stdout.toString().trimEnd().split('\n')
  expect(lines.map(line => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 40, path: '/nowhere', status: 404 }),
  ])
  expect(stderr).toBe('')
})

test.each([
  ['info', [30, 40]],
  ['warn', [40]],
  ['error', []],
])('serve --log-level %s says what it has to say where that weighs enough', async (level, told) => {
  const args = ['--port', '0', '--host', '0.0.0.0', '--allow-anonymous', '--data', 'open-data']
  const served = await serve(sandbox, [...args, '--log-level', level])
  served.command.process.kill('SIGTERM')
  const { stderr } = await served.command.ended
  const lines = stderr.split('\n').filter(line => line !== '')
  expect(lines.map(line => JSON.parse(line).level)).toEqual(told)
})

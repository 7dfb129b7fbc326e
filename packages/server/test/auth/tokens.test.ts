import { appendFile, chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { addToken } from '../../src/index.js'
import { contentOf, descriptorOf } from '../support/content.js'
import { bearer, Tokens } from '../support/credentials.js'
import { TestServer } from '../support/test-server.js'
import { until } from '../support/until.js'

const content = contentOf('what is asked for')

async function startWithTokens(tokens: Tokens) {
  const reports: unknown[] = []
  const server = await TestServer.start('memory', {
    auth: { tokens: tokens.path },
    report: (error, what) => void reports.push(`${what}: ${(error as Error).message}`),
  })
  return { server, reports }
}

describe('tokens of a file', () => {
  test('a token says who asks, where, and what he may do', async () => {
    const tokens = await Tokens.make()
    const anna = await tokens.add({ user: 'anna', namespace: 'team', scopes: ['read', 'admin'] })
    const { server } = await startWithTokens(tokens)
    const answer = await server.send('/v1', { headers: anna })
    expect(answer.json.caller).toEqual({ user: 'anna', namespace: 'team', scopes: ['read', 'admin'] })
  })

  test.each([
    ['no credentials', undefined],
    ['another token', `Bearer opcache_${'A'.repeat(43)}`],
    ['an empty token', 'Bearer '],
    ['another scheme', 'Basic YTpi'],
    ['what is no header of the kind', 'opcache'],
    ['two tokens', 'Bearer a b'],
  ])(
    '%s: 401, with the way to authenticate, at every path but those that tell nothing',
    async (_what, authorization) => {
      const tokens = await Tokens.make()
      await tokens.add({ user: 'anna' })
      const { server } = await startWithTokens(tokens)
      const headers = authorization === undefined ? {} : { authorization }
      for (const path of ['/v1', '/v1/entries', `/v1/contents/${content.id}`, '/nowhere', '/metrics']) {
        const answer = await server.send(path, { headers })
        expect(answer).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
        expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer', 'opcache-protocol': '1' })
      }
      expect(await server.send('/healthz', { headers })).toMatchObject({ status: 200 })
      expect(await server.send('/readyz', { headers })).toMatchObject({ status: 200 })
    },
  )

  test('a body is refused before it is sent', async () => {
    const tokens = await Tokens.make()
    await tokens.add({ user: 'anna' })
    const { server } = await startWithTokens(tokens)
    const connection = await server.connect()
    await connection.writeHead('POST /v1/run/copy', {
      expect: '100-continue',
      'content-length': 1_000_000,
      'opcache-content': content.id,
    })
    expect((await connection.readHead()).status).toBe(401)
  })

  test('the file holds no token, and is for its owner alone', async () => {
    const tokens = await Tokens.make()
    const { authorization } = await tokens.add({ user: 'anna' })
    const token = authorization.slice('Bearer '.length)
    expect(Buffer.from(token.slice('opcache_'.length), 'base64url')).toHaveLength(32)
    expect(await readFile(tokens.path, 'utf8')).not.toContain(token.slice(8, 20))
    expect((await stat(tokens.path)).mode & 0o777).toBe(0o600)
  })

  test('a line that was added, changed or removed counts from the next request on', async () => {
    const tokens = await Tokens.make()
    const anna = await tokens.add({ user: 'anna' })
    const { server } = await startWithTokens(tokens)
    const bert = await tokens.add({ user: 'bert' })
    expect(await server.send('/v1', { headers: bert })).toMatchObject({ status: 200 })
    const [first = '', second = ''] = (await readFile(tokens.path, 'utf8')).split('\n')
    await writeFile(
      `${tokens.path}.new`,
      `# bert is called robert now\n\n${second.replace('"bert"', '"robert"')}\n`,
      {
        mode: 0o600,
      },
    )
    await rename(`${tokens.path}.new`, tokens.path)
    expect(first).toContain('anna')
    expect(await server.send('/v1', { headers: anna })).toMatchObject({ status: 401 })
    expect((await server.send('/v1', { headers: bert })).json.caller.user).toBe('robert')
  })

  test('a file that broke keeps the tokens that were good, says so once, and heals', async () => {
    const tokens = await Tokens.make()
    const anna = await tokens.add({ user: 'anna' })
    const { server, reports } = await startWithTokens(tokens)
    const good = await readFile(tokens.path, 'utf8')
    const breaks: [string, () => Promise<unknown>, RegExp][] = [
      ['no JSON', () => appendFile(tokens.path, '{"sha256":\n'), /line 2: /],
      ['no scopes', () => writeFile(tokens.path, `{"sha256":"${'0'.repeat(64)}","user":"x"}\n`), /scopes/],
      ['writable', () => chmod(tokens.path, 0o666), /chmod 600/],
      ['gone', () => rm(tokens.path), /ENOENT/],
    ]
    for (const [what, breakIt, told] of breaks) {
      await breakIt()
      await until(async () => {
        expect(await server.send('/v1', { headers: anna }), what).toMatchObject({ status: 200 })
        return reports.some(report => told.test(String(report)))
      })
      await rm(tokens.path, { force: true })
      await writeFile(tokens.path, good, { mode: 0o600 })
      expect(await server.send('/v1', { headers: anna })).toMatchObject({ status: 200 })
      expect(reports.every(report => /what it said before still holds/.test(String(report)))).toBe(true)
      reports.length = 0
    }
  })

  test('a token that expires is worth nothing from then on', async () => {
    const tokens = await Tokens.make()
    const time = { now: Date.now() }
    const anna = await tokens.add({ user: 'anna', expiresAt: new Date(time.now + 1000) })
    const server = await TestServer.start('memory', { auth: { tokens: tokens.path }, now: () => time.now })
    expect(await server.send('/v1', { headers: anna })).toMatchObject({ status: 200 })
    time.now += 1000
    expect(await server.send('/v1', { headers: anna })).toMatchObject({ status: 401 })
  })

  test('a server does not start on tokens that it cannot trust', async () => {
    const tokens = await Tokens.make()
    const start = () => TestServer.start('memory', { auth: { tokens: tokens.path } })
    await expect(start()).rejects.toThrow(/cannot be read: ENOENT/)
    await tokens.add({ user: 'anna' })
    await chmod(tokens.path, 0o620)
    await expect(start()).rejects.toThrow(/chmod 600/)
    await writeFile(tokens.path, 'opcache_plain-token\n')
    await chmod(tokens.path, 0o600)
    await expect(start()).rejects.toThrow(/line 1/)
    await expect(TestServer.start('memory', { auth: {} })).rejects.toThrow(/needs a file of tokens/)
  })

  test('names that could be nobody get no token', async () => {
    const tokens = await Tokens.make()
    await expect(addToken(tokens.path, { user: '' })).rejects.toThrow(/user/)
    await expect(addToken(tokens.path, { user: 'a'.repeat(257) })).rejects.toThrow(/256/)
    await expect(addToken(tokens.path, { user: 'a', namespace: '\ud800' })).rejects.toThrow()
    await expect(stat(tokens.path)).rejects.toThrow('ENOENT')
  })
})

describe('scopes', () => {
  test('each request needs what it does', async () => {
    const tokens = await Tokens.make()
    const all = await tokens.add({ user: 'anna' })
    const reader = await tokens.add({ user: 'bert', scopes: ['read'] })
    const uploader = await tokens.add({ user: 'carl', scopes: ['upload'] })
    const { server } = await startWithTokens(tokens)
    const descriptor = descriptorOf(content)
    const forbidden = { status: 403, json: { code: 'forbidden' } }

    expect(await server.run('copy', content.bytes, { headers: reader })).toMatchObject(forbidden)
    expect(await server.declare(content, reader)).toMatchObject(forbidden)
    expect(await server.open(descriptor, {}, reader)).toMatchObject(forbidden)
    expect(await server.declare(content, uploader)).toMatchObject({ status: 200 })
    expect(await server.part(content, 0, 1, { headers: reader })).toMatchObject(forbidden)
    expect(await server.part(content, 0, 1, { headers: uploader })).toMatchObject({ status: 200 })
    expect(await server.content(content, uploader)).toMatchObject(forbidden)
    expect(await server.content(content, reader)).toMatchObject({ status: 200 })

    expect(await server.run('copy', content.bytes, { headers: all })).toMatchObject({ status: 200 })
    // What is there already is read, and nothing is made.
    expect(await server.open(descriptor, {}, reader)).toMatchObject({ status: 200, json: { served: 'hit' } })
    expect(await server.result(descriptor, reader)).toMatchObject({ status: 200 })
    expect(await server.result(descriptor, uploader)).toMatchObject(forbidden)
    expect(server.runs()).toBe(1)
  })

  test('an entry is deleted by its creator, if he may set it going, and by an admin', async () => {
    const tokens = await Tokens.make()
    const anna = await tokens.add({ user: 'anna' })
    const annaReads = await tokens.add({ user: 'anna', scopes: ['read'] })
    const bert = await tokens.add({ user: 'bert' })
    const admin = await tokens.add({ user: 'admin', scopes: ['admin'] })
    const { server } = await startWithTokens(tokens)
    const path = async () => {
      const { headers } = await server.run('copy', content.bytes, { headers: anna })
      return `/v1/entries/${headers['opcache-key']}`
    }
    const remove = async (headers: { authorization: string }) =>
      (await server.send(await path(), { method: 'DELETE', headers })).status
    expect(await remove(bert)).toBe(403)
    expect(await remove(annaReads)).toBe(403)
    expect(await remove(anna)).toBe(204)
    expect(await remove(admin)).toBe(204)
  })

  test('checks come in the order of the protocol: who, size, syntax, key, user, scope, operation', async () => {
    const tokens = await Tokens.make()
    const nobody = await tokens.add({ user: 'anna', scopes: [] })
    const server = await TestServer.start('memory', {
      auth: { tokens: tokens.path },
      limits: { maxContentBytes: 100 },
    })
    const run = (headers: Record<string, string>, operation = 'nothing') =>
      server.run(operation, Buffer.alloc(101), { headers })
    expect((await run({})).status).toBe(401)
    expect((await run(nobody)).status).toBe(413)
    const short = (headers: Record<string, string>) =>
      server.run('nothing', 'x', { headers: { ...nobody, ...headers } })
    expect((await short({ 'opcache-content': 'x' })).status).toBe(400)
    expect((await short({ 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await short({})).status).toBe(403)
    const foreign = { ...descriptorOf(content, 'nothing'), user: 'bert' }
    const opened = await server.open(foreign, {}, nobody)
    expect(opened).toMatchObject({ status: 403, json: { detail: expect.stringContaining('who is not you') } })
    expect(
      (await server.postJson(`/v1/entries/${'0'.repeat(64)}`, { descriptor: foreign }, { headers: nobody }))
        .status,
    ).toBe(422)
    expect((await server.open(descriptorOf(content, 'nothing'), {}, nobody)).status).toBe(403)
    expect((await server.open(descriptorOf(content, 'nothing'), {}, bearer('x'))).status).toBe(401)
  })
})

test('an address that sends wrong credentials again and again is told to wait, and a right one goes on working', async () => {
  const tokens = await Tokens.make()
  const anna = await tokens.add({ user: 'anna' })
  const server = await TestServer.start('memory', {
    auth: { tokens: tokens.path },
    limits: { wrongCredentialsPerMinute: 5 },
  })
  const ask = (headers = {}) => server.send('/v1', { headers })
  const guess = (at: number) => ask(bearer(`opcache_${String(at).padStart(43, 'A')}`))
  for (let at = 0; at < 5; at++) expect(await guess(at)).toMatchObject({ status: 401 })
  const refused = await guess(5)
  expect(refused).toMatchObject({ status: 429, json: { code: 'rate-limited' } })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1)
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(60)
  expect(await ask(anna)).toMatchObject({ status: 200 })
  // Who sends none is told how to, as before.
  expect(await ask()).toMatchObject({ status: 401 })
})

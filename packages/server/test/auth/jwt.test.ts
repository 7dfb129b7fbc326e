import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { JwtOptions } from '../../src/index.js'
import { bearer, ISSUED_FOR, Issuer, Tokens } from '../support/credentials.js'
import { TestServer, temporaryFolder } from '../support/test-server.js'
import { until } from '../support/until.js'

/** Publishes keys, and counts how often they are fetched. */
async function publish(keys: { jwks: string }) {
  const published = { keys, fetches: 0, url: '', isDown: false }
  const server = createServer((_request, response) => {
    published.fetches += 1
    response.writeHead(published.isDown ? 500 : 200, { 'content-type': 'application/json' })
    response.end(published.isDown ? '' : published.keys.jwks)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  published.url = `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks`
  return published
}

function start(jwks: string, options: Partial<JwtOptions> = {}, tokens?: string) {
  return TestServer.start('memory', {
    auth: {
      ...(tokens === undefined ? {} : { tokens }),
      jwt: { jwks, issuer: ISSUED_FOR.iss, audience: ISSUED_FOR.aud, ...options },
    },
    report: () => undefined,
    limits: { wrongCredentialsPerMinute: Number.POSITIVE_INFINITY },
  })
}

describe('JSON Web Tokens', () => {
  test('the claims say who asks, and the keys are fetched once', async () => {
    const issuer = await Issuer.make()
    const published = await publish(issuer)
    const server = await start(published.url)
    const ask = async (claims?: Record<string, unknown>) =>
      server.send('/v1', { headers: bearer(await issuer.sign(claims)) })
    expect((await ask()).json.caller).toEqual({
      user: 'anna',
      namespace: 'default',
      scopes: ['read', 'upload', 'execute'],
    })
    expect((await ask({ scope: ['read', 'openid', 'admin'] })).json.caller.scopes).toEqual(['read', 'admin'])
    expect((await ask({ scope: undefined })).json.caller.scopes).toEqual([])
    expect(published.fetches).toBe(1)
  })

  test('names of claims are as the issuer has them; a namespace that is asked for must be there', async () => {
    const issuer = await Issuer.make()
    const server = await start((await publish(issuer)).url, {
      userClaim: 'email',
      namespaceClaim: 'org',
      scopesClaim: 'permissions',
    })
    const ask = async (claims: Record<string, unknown>) =>
      server.send('/v1', { headers: bearer(await issuer.sign(claims)) })
    const answer = await ask({ email: 'a@example.org', org: 'acme', permissions: ['read'] })
    expect(answer.json.caller).toEqual({ user: 'a@example.org', namespace: 'acme', scopes: ['read'] })
    expect((await ask({ email: 'a@example.org' })).status).toBe(401)
    expect((await ask({ email: 'a@example.org', org: ['acme', 'other'] })).status).toBe(401)
    expect((await ask({ org: 'acme' })).status).toBe(401)
  })

  test('what is not of this issuer, for this audience, for now, or not signed is refused, each alike', async () => {
    const issuer = await Issuer.make()
    const other = await Issuer.make()
    const server = await start((await publish(issuer)).url)
    const past = Math.floor(Date.now() / 1000) - 1
    const [head, claims, signature] = (await issuer.sign()).split('.')
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    const symmetric = await new SignJWT({ ...ISSUED_FOR, sub: 'anna', exp: past + 600 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(issuer.jwks))
    const refused = [
      await other.sign(),
      await issuer.sign({ iss: 'https://other.example' }),
      await issuer.sign({ aud: 'other' }),
      await issuer.sign({ exp: past }),
      await issuer.sign({ exp: undefined }),
      await issuer.sign({ nbf: past + 600 }),
      await issuer.sign({ sub: undefined }),
      await issuer.sign({ sub: '' }),
      symmetric,
      `${unsigned}.${claims}.`,
      `${head}.${Buffer.from('{"sub":"root"}').toString('base64url')}.${signature}`,
      `${head}.${claims}`,
      'a.b.c',
    ]
    const answers = await Promise.all(refused.map(token => server.send('/v1', { headers: bearer(token) })))
    expect(answers.map(({ status }) => status)).toEqual(refused.map(() => 401))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
  })

  test('keys that cannot be had are no reason to call a token bad', async () => {
    const issuer = await Issuer.make()
    const published = await publish(issuer)
    published.isDown = true
    const server = await start(published.url)
    const ask = async () => server.send('/v1', { headers: bearer(await issuer.sign()) })
    const answer = await ask()
    expect(answer).toMatchObject({ status: 503, json: { code: 'busy' } })
    expect(answer.headers).toHaveProperty('retry-after')
    published.isDown = false
    expect(await ask()).toMatchObject({ status: 200 })
  })

  test('a new key of the issuer is fetched once a token has it, and made-up keys have nothing fetched again and again', async () => {
    const [first, second] = [await Issuer.make('first'), await Issuer.make('second')]
    const published = await publish(first)
    const server = await start(published.url)
    const status = async (issuer: Issuer) =>
      (await server.send('/v1', { headers: bearer(await issuer.sign()) })).status
    expect([await status(first), await status(second)]).toEqual([200, 401])
    published.keys = second
    await until(async () => (await status(second)) === 200)
    expect(await status(first)).toBe(401)
    const { fetches } = published
    const others = await Promise.all(Array.from({ length: 20 }, (_, at) => Issuer.make(`other-${at}`)))
    expect(await Promise.all(others.map(status))).toEqual(others.map(() => 401))
    expect(published.fetches - fetches).toBeLessThanOrEqual(1)
  })

  test('keys in a file are read again when they change', async () => {
    const [first, second] = [await Issuer.make('first'), await Issuer.make('second')]
    const path = join(await temporaryFolder(), 'jwks.json')
    await writeFile(path, first.jwks)
    const server = await start(path)
    const status = async (issuer: Issuer) =>
      (await server.send('/v1', { headers: bearer(await issuer.sign()) })).status
    expect([await status(first), await status(second)]).toEqual([200, 401])
    await writeFile(path, second.jwks)
    expect([await status(first), await status(second)]).toEqual([401, 200])
  })

  test('stand beside tokens of a file', async () => {
    const issuer = await Issuer.make()
    const tokens = await Tokens.make()
    const bert = await tokens.add({ user: 'bert' })
    const server = await start((await publish(issuer)).url, {}, tokens.path)
    expect((await server.send('/v1', { headers: bert })).json.caller.user).toBe('bert')
    const anna = bearer(await issuer.sign())
    expect((await server.send('/v1', { headers: anna })).json.caller.user).toBe('anna')
    expect((await server.send('/v1', { headers: bearer('a.b') })).status).toBe(401)
  })

  test('keys over a line that others can change are refused at the start', async () => {
    await expect(start('http://192.0.2.1/jwks')).rejects.toThrow(/https/)
    await expect(start('/nowhere/jwks.json')).rejects.toThrow(/ENOENT/)
    await expect(start((await publish({ jwks: '' })).url, { audience: '' })).rejects.toThrow(/audience/)
  })
})

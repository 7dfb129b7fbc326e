import { readFile, stat, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { serve } from '../served.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('a.txt', 'hello')
})
afterAll(() => sandbox[Symbol.asyncDispose]())

describe('opcache token create', () => {
  test('prints the token once, keeps its hash, and the server that has the file knows it', async () => {
    const anna = await sandbox.run(['token', 'create', '--tokens', 'tokens', '--user', 'anna'])
    expect(anna).toMatchObject({ status: 0, stderr: expect.stringContaining('only its hash') })
    const served = await serve(sandbox, ['--port', '0', '--data', 'data', '--tokens', 'tokens'])
    const upload = (token?: string, ...more: string[]) =>
      sandbox.run(['upload', 'a.txt', '--op', 'copy', '-o', '-', ...more], {
        env: { OPCACHE_SERVER: served.url, ...(token === undefined ? {} : { OPCACHE_TOKEN: token }) },
      })
    expect((await upload(anna.stdout.toString().trim())).stdout.toString()).toBe('hello')
    expect(await upload()).toMatchObject({ status: 4, stderr: expect.stringContaining('[unauthenticated]') })
    expect(await upload('opcache_x')).toMatchObject({ status: 4 })

    // Added while the server runs; a scope is missing for what it would do.
    const flags = ['--user', 'bert', '--namespace', 'other', '--scope', 'read', '--days', '1']
    const [bert] = await sandbox.json(['token', 'create', '--tokens', 'tokens', ...flags])
    expect(await upload(bert?.token as string)).toMatchObject({
      status: 4,
      stderr: expect.stringContaining('[forbidden]'),
    })
    const file = sandbox.path('tokens')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const lines = (await readFile(file, 'utf8')).trim().split('\n')
    expect(lines.map(line => JSON.parse(line))).toEqual([
      {
        sha256: expect.any(String),
        user: 'anna',
        namespace: 'default',
        scopes: ['read', 'upload', 'execute'],
      },
      {
        sha256: expect.any(String),
        user: 'bert',
        namespace: 'other',
        scopes: ['read'],
        expiresAt: expect.any(String),
      },
    ])
    expect(lines.join()).not.toContain(bert?.token)
    served.command.process.kill('SIGTERM')
    expect(await served.command.ended).toMatchObject({ status: 0 })
  })

  test.each([
    ['a scope that there is not', ['--user', 'x', '--scope', 'write'], 'usage'],
    ['no user', [], 'usage'],
    ['an empty user', ['--user', ''], 'usage'],
    ['half a day', ['--user', 'x', '--days', '0.5'], 'usage'],
  ])('%s makes no token', async (_what, flags, code) => {
    const ended = await sandbox.run(['token', 'create', '--tokens', 'none', ...flags])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining(`[${code}]`) })
    expect(ended.stdout).toHaveLength(0)
    await expect(stat(sandbox.path('none'))).rejects.toThrow('ENOENT')
  })
})

describe('opcache serve does not start', () => {
  test.each([
    ['where anybody could do everything', ['--host', '0.0.0.0'], 'cannot-authenticate'],
    ['with tokens that are not there', ['--tokens', 'missing'], 'cannot-authenticate'],
    ['with a broken file of tokens', ['--tokens', 'broken'], 'cannot-authenticate'],
    ['with tokens for anonymous callers', ['--tokens', 'broken', '--allow-anonymous'], 'cannot-authenticate'],
    ['with half a pair for TLS', ['--tls-key', 'broken'], 'usage'],
    [
      'with a pair for TLS that is none',
      ['--tls-key', 'broken', '--tls-cert', 'broken'],
      'cannot-authenticate',
    ],
    ['with keys of nobody', ['--jwt-jwks', 'broken'], 'usage'],
  ])('%s', async (_what, flags, code) => {
    await writeFile(sandbox.path('broken'), 'nonsense\n', { mode: 0o600 })
    const ended = await sandbox.run(['serve', '--port', '0', '--data', 'never', ...flags])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining(`[${code}]`) })
    expect(ended.stdout).toHaveLength(0)
  })

  test('unless it is told to let anybody in, and then it says so', async () => {
    const served = await serve(sandbox, [
      '--host',
      '0.0.0.0',
      '--port',
      '0',
      '--data',
      'open',
      '--allow-anonymous',
    ])
    served.command.process.kill('SIGTERM')
    expect((await served.command.ended).stderr).toContain('can do everything')
  })
})

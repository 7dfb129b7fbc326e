import { once } from 'node:events'
import { chmod, readdir, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTerminal, type Shown, typeAfter } from '../in-terminal.js'
import { Sandbox } from '../sandbox.js'

const CAPABILITIES = { protocol: 1, operations: [], caller: { namespace: 'n', user: 'ann', scopes: [] } }

let sandbox: Sandbox
let server: Server
let url: string
beforeAll(async () => {
  sandbox = await Sandbox.make()
  server = createServer((request, response) => {
    const isKnown = request.headers.authorization === 'Bearer right'
    const type = isKnown ? 'application/json' : 'application/problem+json'
    response.writeHead(isKnown ? 200 : 401, { 'opcache-protocol': '1', 'content-type': type })
    const problem = { code: 'unauthenticated', detail: 'The token is not known.' }
    response.end(JSON.stringify(isKnown ? CAPABILITIES : problem))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await sandbox[Symbol.asyncDispose]()
})

const tokens = () => sandbox.path('../home/config/opcache/tokens')
const tokenFiles = () => readdir(tokens()).catch(() => [])

describe('login', () => {
  test('stores nothing that the server does not take', async () => {
    const ended = await sandbox.run(['login', url], { stdin: 'wrong\n' })
    expect(ended).toMatchObject({ status: 4, stderr: expect.stringContaining('[unauthenticated]') })
    expect((await sandbox.run(['login', url], { stdin: '' })).stderr).toContain('it is empty')
    expect(await tokenFiles()).toEqual([])
    expect((await sandbox.run(['login'], { stdin: 'right' })).stderr).toContain('none is set')
    // Before anybody is asked for a token.
    const env = { OPCACHE_SERVER: 'cache.example.org' }
    const wrong = await sandbox.run(['login'], { env, isStdinOpen: true })
    expect(wrong).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/OPCACHE_SERVER.*\[bad-server-url\]/),
    })
  })

  test('keeps the token from stdin for its server alone, readable by its user alone', async () => {
    const ended = await sandbox.run(['login', url], { stdin: 'right\n' })
    expect(ended).toMatchObject({ status: 0, stdout: Buffer.alloc(0) })
    expect(ended.stderr).toContain('as that of ann')
    expect(ended.stderr).not.toContain('right')
    const [file] = await tokenFiles()
    expect((await stat(`${tokens()}/${file}`)).mode & 0o777).toBe(0o600)
    expect(await sandbox.run(['--server', url, 'ops', '--json'])).toMatchObject({ status: 0 })
    expect(await sandbox.run(['--server', url.replace('127.0.0.1', 'localhost'), 'ops'])).toMatchObject({
      status: 4,
    })
  })

  test.skipIf(process.platform === 'win32')('a token that others can read is not used', async () => {
    const [file] = await tokenFiles()
    await chmod(`${tokens()}/${file}`, 0o644)
    const ended = await sandbox.run(['--server', url, 'ops'])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('[token-unreadable]') })
  })

  test('a token file that is not there is told with who named it', async () => {
    const missing = async (args: string[], env = {}) =>
      (await sandbox.run([...args, '--server', url, 'ops'], { env })).stderr
    expect(await missing(['--token-file', 'none'])).toMatch(/none of --token-file cannot be read \(ENOENT\)/)
    expect(await missing([], { OPCACHE_TOKEN_FILE: 'none' })).toContain('none of OPCACHE_TOKEN_FILE cannot')
  })

  test('logout deletes it, and is content when there is none', async () => {
    for (const told of ['is deleted', 'There is none']) {
      const ended = await sandbox.run(['logout', url])
      expect(ended).toMatchObject({ status: 0, stderr: expect.stringContaining(told) })
    }
    expect(await tokenFiles()).toEqual([])
  })

  describe.skipIf(process.platform === 'win32')('in a terminal', () => {
    test('does not show what is typed', async () => {
      const { status, shown } = await typed('right\r')
      expect(status).toBe(0)
      expect(shown).toContain('as that of ann')
      expect(shown).not.toContain('right')
    })

    test.each([
      ['Ctrl-C', 'ri\u0003'],
      ['Ctrl-D', '\u0004'],
    ])('%s ends the line of the question, and says what did not happen', async (_key, keys) => {
      const { status, shown } = await typed(keys)
      expect(status).toBe(130)
      expect(shown).toMatch(
        /not shown\): \r\n.*Stopped by SIGINT\. \[interrupted\]\r\n {2}No token was stored\.\r\n$/,
      )
    })
  })
})

/** Answers the question for the token in a terminal. */
async function typed(keys: string): Promise<Shown> {
  const { terminal, ended } = inTerminal(sandbox, ['login', url])
  await typeAfter(terminal, 'not shown):', keys)
  return ended
}

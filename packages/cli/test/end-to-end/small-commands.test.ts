import { open, readFile, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { runSpied } from '../spied.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('a.txt', 'hello\n')
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const out = async (...args: string[]) => (await sandbox.run(args, { stdin: 'hello\n' })).stdout.toString()

describe('hash and key need no server', () => {
  const env = { OPCACHE_SERVER: 'http://127.0.0.1:1' }

  test('hash prints an id and the file, from stdin too', async () => {
    const lines = (await sandbox.run(['hash', 'a.txt', '-'], { stdin: 'hello\n', env })).stdout
      .toString()
      .split('\n')
    expect(lines[0]).toMatch(/^[0-9a-f]{64} {2}a\.txt$/)
    expect(lines[1]).toBe(lines[0]?.replace('a.txt', '-'))
    expect(await sandbox.json(['hash', 'a.txt'])).toMatchObject([
      { source: 'a.txt', id: lines[0]?.slice(0, 64), size: 6 },
    ])
  })

  test('key prints what an upload finds its result under', async () => {
    for (const more of [[], ['-p', 'level=3'], ['--salt', 's'], ['--private'], ['--resource', 'doc@1']]) {
      const args = ['a.txt', '--op', 'gzip', ...more]
      const [told] = await sandbox.json(['upload', ...args, '-f'])
      expect(await out('key', ...args), more.join(' ')).toBe(`${told?.key}\n`)
    }
    const byFile = await sandbox.run(['key', 'a.txt', '--op', 'gzip'], { env })
    expect(await out('key', '-', '--op', 'gzip')).toBe(byFile.stdout.toString())
    expect(await out('key', '--op', 'gzip', '--resource', 'doc@1')).toMatch(/^[0-9a-f]{64}\n$/)
    expect((await sandbox.run(['key', '--op', 'gzip'])).status).toBe(2)
  })

  test('key and --explain do not read a large file again that is unchanged', async () => {
    const file = await open(sandbox.path('large.bin'), 'w')
    await file.truncate(64 * 2 ** 20)
    await file.close()
    // A file is believed to be unchanged once it has been at rest for a while.
    await sleep(2_100)
    const progress = async (...args: string[]) =>
      (await sandbox.json([...args, 'large.bin', '--op', 'copy', '--json-stream'])).filter(
        ({ phase }) => phase === 'hashing',
      ).length
    expect(await progress('key')).toBeGreaterThan(1)
    for (const args of [['key'], ['upload', '--explain']]) expect(await progress(...args)).toBe(1)
    expect(await progress('key', '--rehash')).toBeGreaterThan(1)
  })
})

describe('config', () => {
  test('keeps, tells and forgets values in one file of the user', async () => {
    const path = (await out('config', 'path')).trim()
    expect(path).toBe(sandbox.path('../home/config/opcache/config.json'))
    const byDefault = await out('config', 'list')
    expect((await sandbox.run(['config', 'get', 'server'])).status).toBe(3)
    expect(await out('config', 'get', 'reconnect-timeout')).toBe('600\n')
    expect(await out('config', 'get', 'cache-dir')).toBe(await out('cache', 'path'))

    expect((await sandbox.run(['config', 'set', 'server', 'http://127.0.0.1:1'])).status).toBe(0)
    expect((await sandbox.run(['config', 'set', 'reconnect-timeout', '5'])).status).toBe(0)
    expect(await out('config', 'get', 'server')).toBe('http://127.0.0.1:1\n')
    expect(await out('config', 'list')).toBe(
      byDefault
        .replace(/^server = .*/m, 'server = http://127.0.0.1:1')
        .replace(/^reconnect-timeout = .*/m, 'reconnect-timeout = 5'),
    )
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
      server: 'http://127.0.0.1:1',
      'reconnect-timeout': 5,
    })
    expect((await stat(path)).mode & 0o777).toBe(0o600)

    // It is used, and the environment goes before it.
    expect((await sandbox.run(['ops'])).stderr).toContain('http://127.0.0.1:1')
    expect((await sandbox.run(['ops'], { env: { OPCACHE_SERVER: 'http://127.0.0.1:2' } })).stderr).toContain(
      ':2',
    )

    for (const key of ['server', 'reconnect-timeout', 'server']) {
      expect((await sandbox.run(['config', 'unset', key])).status).toBe(0)
    }
    expect(await out('config', 'list')).toBe(byDefault)
  })

  test('lists every setting in force with its origin, to people and to programs', async () => {
    const env = { OPCACHE_CONNECTIONS: '4' }
    const args = ['config', 'list', '--show-origin', '--limit-rate', '2M']
    expect(String((await sandbox.run(args, { env })).stdout)).toBe(
      'server = an embedded one  (default)\n' +
        'token-file = none  (default)\n' +
        `cache-dir = ${sandbox.env.XDG_CACHE_HOME}/opcache  (default)\n` +
        'cache-max-size = 20000000000  (default)\n' +
        'reconnect-timeout = 600  (default)\n' +
        'limit-rate = 2000000  (--limit-rate)\n' +
        'connections = 4  (OPCACHE_CONNECTIONS)\n',
    )
    expect(await sandbox.json(args, { env })).toMatchObject([
      {
        server: { value: null, origin: 'default' },
        'reconnect-timeout': { value: 600, origin: 'default' },
        connections: { value: 4, origin: 'OPCACHE_CONNECTIONS' },
      },
    ])
  })

  test('of an address that is none, it is told where it is set', async () => {
    const told = async (args: string[], env = {}) => (await sandbox.run(['ops', ...args], { env })).stderr
    expect(await told(['--server', 'x.y'])).toMatch(
      /^opcache: "x\.y" is not the address of a server\. It is set by --server\. \[bad-server-url\]\n {2}Give one like .*\n$/,
    )
    expect(await told([], { OPCACHE_SERVER: 'x' })).toContain('It is set by OPCACHE_SERVER.')
    const project = await sandbox.write('.opcacherc.json', '{"server":"x"}')
    expect(await told([])).toContain(`It is set by ${sandbox.path(project)}.`)
    await rm(sandbox.path(project))
  })

  test('a misspelt variable is refused, one of another program is told by doctor alone', async () => {
    const ended = await sandbox.run(['ops'], { env: { OPCACHE_SERVR: 'http://127.0.0.1:1' } })
    expect(ended).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Did you mean OPCACHE_SERVER?'),
    })
    const env = { OPCACHE_ENABLE: '1' }
    expect(await sandbox.run(['cache', 'size'], { env })).toMatchObject({ status: 0, stderr: '' })
    const { stdout } = await sandbox.run(['doctor'], { env })
    expect(String(stdout)).toMatch(/^warn .*OPCACHE_ENABLE is no variable of opcache\.$/m)
  })

  test('refuses what it does not know, with a suggestion', async () => {
    const ended = await sandbox.run(['config', 'set', 'sever', 'http://x'])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('Did you mean "server"?') })
    expect((await sandbox.run(['config', 'set', 'server', 'not an address'])).stderr).toContain(
      '[bad-server-url]',
    )
    expect((await sandbox.run(['config', 'set', 'reconnect-timeout', 'soon'])).status).toBe(2)
    expect((await sandbox.run(['config', 'set', 'token', 'secret'])).status).toBe(2)
  })
})

describe('help and version', () => {
  test('load nothing but the table of commands', async () => {
    const loadedBy = async (...args: string[]) => {
      const { ended, loaded } = await runSpied(sandbox, args)
      expect(ended).toMatchObject({ status: 0 })
      return loaded
    }
    const ofVersion = new Set(await loadedBy('--version'))
    expect([...ofVersion].filter(name => !name.startsWith('./chunk-'))).toEqual(['node:module'])
    expect(ofVersion.size).toBeLessThan(6)
    for (const args of [['--help'], ['upload', '--help']]) {
      const loaded = await loadedBy(...args)
      expect(loaded.some(name => name.includes('run-program'))).toBe(true)
      expect(loaded.filter(name => name.includes('commands'))).toEqual([])
      // What talks to servers, and what has machine code.
      expect(loaded.filter(name => /http|net|blake|server|operations/.test(name))).toEqual([])
    }
  })

  test('help tells the exit statuses and the environment; wrong usage ends with 2', async () => {
    expect(await out('help', 'exit-codes')).toMatch(/^ {2}8 +the wait timed out$/m)
    expect(await out('help', 'environment')).toContain('OPCACHE_TOKEN_FILE')
    expect((await sandbox.run([])).status).toBe(2)
    expect(await out('--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test('DEBUG=opcache shows the whole error', async () => {
    const ended = await sandbox.run(['hash', 'no'], { env: { DEBUG: 'opcache' } })
    expect(ended.stderr).toContain('    at ')
    expect((await sandbox.run(['hash', 'no'])).stderr).not.toContain('    at ')
  })
})

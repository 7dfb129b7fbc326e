import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('a.txt', 'hello')
})
afterAll(() => sandbox[Symbol.asyncDispose]())

/** Two lines: what happened with its code, and what to do. */
function twoLines(code: string) {
  return expect.stringMatching(new RegExp(`^opcache: [^\\n]+ \\[${code}\\]\\n {2}[^\\n]+\\n$`))
}

const isRoot = process.getuid?.() === 0

describe('wrong usage is found before any work', () => {
  test.each<[string, string[], string]>([
    ['no operation', ['upload', 'a.txt'], 'usage'],
    ['an unknown option', ['upload', 'a.txt', '--op', 'copy', '--frce'], 'usage'],
    ['an unknown command', ['uplaod', 'a.txt'], 'usage'],
    ['a parameter without a value', ['upload', 'a.txt', '--op', 'copy', '-p', 'x'], 'usage'],
    ['a parameter given twice', ['upload', 'a.txt', '--op', 'copy', '-p', 'x=1', '-p', 'x=2'], 'usage'],
    ['a wait that is no number', ['upload', 'a.txt', '--op', 'copy', '--timeout', 'long'], 'usage'],
    ['stdin twice', ['upload', '-', '-', '--op', 'copy'], 'usage'],
    ['two sources and one output', ['upload', 'a.txt', 'b.txt', '--op', 'copy', '-o', 'c'], 'usage'],
    ['two results of one name', ['upload', 'a.txt', 'x/a.md', '--op', 'convert', '-p', 'to=png'], 'usage'],
    ['an empty salt', ['upload', 'a.txt', '--op', 'copy', '--salt', ''], 'usage'],
    ['a resource without a version', ['upload', 'a.txt', '--op', 'copy', '--resource', 'x'], 'usage'],
    ['an output that exists', ['upload', 'a.txt', '--op', 'copy', '-o', 'a.txt'], 'output-exists'],
    [
      'an output in a folder that is missing',
      ['upload', 'a.txt', '--op', 'copy', '-o', 'no/x'],
      'output-not-writable',
    ],
    ['no file', ['upload', '--op', 'copy'], 'usage'],
    ['an output below a file', ['upload', 'a.txt', '--op', 'copy', '-o', 'a.txt/x'], 'output-not-writable'],
    ['a key that is none', ['get', '123'], 'usage'],
    ['an address that is none', ['--server', 'x', 'ops'], 'bad-server-url'],
    [
      'a token file that is missing',
      ['--server', 'http://127.0.0.1:1', '--token-file', 'no', 'ops'],
      'token-unreadable',
    ],
  ])('%s', async (_what, args, code) => {
    const ended = await sandbox.run(args)
    expect(ended).toMatchObject({ status: 2, stderr: twoLines(code), stdout: Buffer.alloc(0) })
    expect(await readdir(sandbox.path('../home'))).toEqual([])
  })
})

test.each<[string, string[], string]>([
  ['uplaod', ['uplaod', 'a.txt'], 'Did you mean upload? See `opcache --help`.'],
  ['--opp', ['upload', 'a.txt', '--opp', 'copy'], 'Did you mean --op? See `opcache upload --help`.'],
  ['files', ['upload', '--op', 'copy'], '<files...>; `opcache upload --help` has examples.'],
  ['operation', ['key', 'a.txt'], 'such as --op convert; `opcache ops` shows what there is.'],
  ['-dash.txt', ['upload', '-dash.txt', '--op', 'copy'], 'name it ./-dash.txt; see `opcache upload --help`'],
  ['--limit-rate', ['upload', 'a.txt', '--limit-rate', 'x'], 'See `opcache --help`.'],
])('wrong usage of %s is told with what helps, to people and to programs', async (word, args, advice) => {
  await sandbox.write('-dash.txt', 'dash')
  const { stderr } = await sandbox.run(args)
  expect(stderr).toEqual(twoLines('usage'))
  expect(stderr).toContain(word)
  expect(stderr).toContain(advice)
  const ended = await sandbox.run([...args, '--json'])
  expect(ended).toMatchObject({ status: 2, stderr: '' })
  const { error } = JSON.parse(String(ended.stdout)) as { error: Record<string, unknown> }
  expect(error).toMatchObject({ code: 'usage', exitStatus: 2, advice: expect.stringContaining(advice) })
})

describe('what the server does not have', () => {
  test('an unknown operation is told with what there is and what was probably meant', async () => {
    const ended = await sandbox.run(['upload', 'a.txt', '--op', 'gizp'])
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('operation-not-found') })
    expect(ended.stderr).toContain(
      'Did you mean "gzip"? There are: brotli, convert, copy, csv-to-jsonl, grep, ',
    )
  })

  test('so is an unknown parameter', async () => {
    const ended = await sandbox.run(['upload', 'a.txt', '--op', 'gzip', '-p', 'lvel=3'])
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('invalid-params') })
    expect(ended.stderr.match(/did you mean "level"\?/gi)).toHaveLength(1)
  })

  test('an entry that is not there ends with 3', async () => {
    const key = 'ab'.repeat(32)
    expect(await sandbox.run(['status', key])).toMatchObject({
      status: 3,
      stderr: twoLines('entry-not-found'),
    })
    expect(await sandbox.run(['get', key])).toMatchObject({ status: 3, stderr: twoLines('entry-not-found') })
  })
})

describe('sources that cannot be read', () => {
  test('a file that is missing, and a folder', async () => {
    const missing = await sandbox.run(['upload', 'no.txt', '--op', 'copy'])
    expect(missing).toMatchObject({ status: 2, stderr: twoLines('source-not-found') })
    await mkdir(sandbox.path('folder'))
    const folder = await sandbox.run(['hash', 'folder'])
    expect(folder).toMatchObject({ status: 2, stderr: twoLines('source-is-directory') })
  })

  test.skipIf(isRoot)('a file that may not be read (root may read everything)', async () => {
    await sandbox.write('secret', 'secret')
    await chmod(sandbox.path('secret'), 0)
    expect(await sandbox.run(['hash', 'secret'])).toMatchObject({
      status: 2,
      stderr: twoLines('source-unreadable'),
    })
  })

  test('several sources: the first failure is the exit status, the others are done', async () => {
    const ended = await sandbox.run(['hash', 'no.txt', 'a.txt'])
    expect(ended.status).toBe(2)
    expect(ended.stdout.toString()).toMatch(/^[0-9a-f]{64} {2}a\.txt\n$/)
  })
})

describe('outputs', () => {
  test('a result whose name is taken stays in the cache, and the command to fetch it is told', async () => {
    await sandbox.write('taken.txt', 'taken')
    await sandbox.write('taken.gz', 'precious')
    const ended = await sandbox.run(['upload', 'taken.txt', '--op', 'gzip'])
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('output-exists') })
    expect(String(await sandbox.read('taken.gz'))).toBe('precious')
    const key = /opcache get ([0-9a-f]{64}) -o/.exec(ended.stderr)?.[1] as string
    expect(await sandbox.run(['get', key, '-o', 'fetched.gz'])).toMatchObject({ status: 0 })
    expect((await sandbox.run(['upload', 'taken.txt', '--op', 'gzip', '--force'])).status).toBe(0)
    expect(await sandbox.read('taken.gz')).toEqual(await sandbox.read('fetched.gz'))
  })

  test('where the parameters foretell the name, that is found before any work', async () => {
    await sandbox.write('told.md', '# told')
    await sandbox.write('told.html', 'precious')
    const ended = await sandbox.run(['upload', 'told.md', '--op', 'convert', '-p', 'to=html'], {
      env: { OPCACHE_SERVER: 'http://127.0.0.1:1' },
    })
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('output-exists') })
  })

  test('a result never takes the place of its source unless -o says so', async () => {
    await sandbox.write('same.copy', 'source')
    const ended = await sandbox.run(['upload', 'same.copy', '--op', 'copy', '--force'])
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('output-exists') })
    expect(
      (await sandbox.run(['upload', 'same.copy', '--op', 'gzip', '--force', '-o', 'same.copy'])).status,
    ).toBe(0)
    expect((await sandbox.read('same.copy'))[0]).toBe(0x1f)
  })

  test.runIf(process.platform === 'linux')('a full disk is told, on stdout and on a device', async () => {
    const device = await sandbox.run(['upload', 'a.txt', '--op', 'copy', '-o', '/dev/full'])
    expect(device).toMatchObject({ status: 7, stderr: twoLines('output-full') })
    const stdout = await sandbox.run(['upload', 'a.txt', '--op', 'copy', '-o', '-'], {
      stdoutPath: '/dev/full',
    })
    expect(stdout).toMatchObject({ status: 7, stderr: twoLines('output-full') })
    for (const args of [['hash', 'a.txt'], ['--help'], ['--version'], ['--json', 'hash', 'a.txt']]) {
      const text = await sandbox.run(args, { stdoutPath: '/dev/full' })
      expect(text, args.join(' ')).toMatchObject({ status: 7, stderr: twoLines('output-full') })
    }
    // Whatever failed is told where it can be.
    const failed = await sandbox.run(['--json', 'hash', 'none.txt'], { stdoutPath: '/dev/full' })
    expect(failed).toMatchObject({ status: 2, stderr: twoLines('source-not-found') })
  })

  test.runIf(process.platform === 'linux')('a device or pipe is written to, not replaced', async () => {
    const device = await sandbox.run(['upload', 'a.txt', '--op', 'copy', '-o', '/dev/null', '-f'])
    expect(device).toMatchObject({ status: 0 })
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
    execFileSync('mkfifo', [sandbox.path('pipe')])
    const [read, written] = await Promise.all([
      sandbox.read('pipe'),
      sandbox.run(['upload', 'a.txt', '--op', 'copy', '-o', 'pipe']),
    ])
    expect(written).toMatchObject({ status: 0 })
    expect(read.toString()).toBe('hello')
  })

  test('who stops reading stdout is not told off', async () => {
    await sandbox.write('long', Buffer.alloc(8 * 2 ** 20))
    const { process: child, ended } = sandbox.start(['upload', 'long', '--op', 'copy', '-o', '-', '-q'])
    child.stdout?.once('data', () => child.stdout?.destroy())
    expect(await ended).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('servers that are none', () => {
  test('nobody at the address: told at once, by source with --json', async () => {
    const args = ['--server', 'http://127.0.0.1:1', 'upload', 'a.txt', 'b.txt', '--op', 'copy']
    const ended = await sandbox.run(args)
    expect(ended).toMatchObject({ status: 5, stderr: twoLines('server-unreachable') })
    const error = { code: 'server-unreachable', exitStatus: 5 }
    expect(await sandbox.json(args)).toMatchObject([
      { source: 'a.txt', error },
      { source: 'b.txt', error },
    ])
  })

  test('a web server that is another one', async () => {
    const server = createHttpServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await sandbox.run(['ops'], { env: { OPCACHE_SERVER: url } })).toMatchObject({
      status: 5,
      stderr: twoLines('not-opcache'),
    })
    server.close()
  })

  test('one whose certificate nobody vouches for, until its CA is named', async () => {
    const [key, cert] = [sandbox.path('key.pem'), sandbox.path('cert.pem')]
    const subject = ['-subj', '/CN=own', '-addext', 'subjectAltName=IP:127.0.0.1']
    const files = ['-keyout', key, '-out', cert]
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files], {
      stdio: 'ignore',
    })
    const pair = { key: await sandbox.read('key.pem'), cert: await sandbox.read('cert.pem') }
    const server = createHttpsServer(pair, (_request, response) => response.end('hello')).listen(
      0,
      '127.0.0.1',
    )
    await once(server, 'listening')
    const env = { OPCACHE_SERVER: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
    const refused = await sandbox.run(['ops'], { env })
    expect(refused).toMatchObject({ status: 5, stderr: twoLines('server-unreachable') })
    expect(refused.stderr).toContain('NODE_EXTRA_CA_CERTS')
    const trusted = await sandbox.run(['ops'], { env: { ...env, NODE_EXTRA_CA_CERTS: cert } })
    expect(trusted.stderr).toEqual(twoLines('not-opcache'))
    server.close()
  })

  test('something that does not speak HTTP', async () => {
    const server = createServer(socket => {
      socket.on('error', () => undefined)
      socket.end('SSH-2.0-other\r\n')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    expect(await sandbox.run(['--server', url, 'ops'])).toMatchObject({
      status: 5,
      stderr: twoLines('not-opcache'),
    })
    server.close()
  })

  test('a server that refuses the token', async () => {
    const server = createHttpServer((request, response) => {
      const isKnown = request.headers.authorization === 'Bearer right'
      response.writeHead(isKnown ? 403 : 401, {
        'opcache-protocol': '1',
        'content-type': 'application/problem+json',
      })
      response.end(
        JSON.stringify({
          code: isKnown ? 'forbidden' : 'unauthenticated',
          detail: 'The token is not known.',
        }),
      )
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const run = (env: Record<string, string>) => sandbox.run(['--server', url, 'ops'], { env })
    expect(await run({ OPCACHE_TOKEN: 'wrong' })).toMatchObject({
      status: 4,
      stderr: twoLines('unauthenticated'),
    })
    await sandbox.write('token', 'right\n')
    expect(await run({ OPCACHE_TOKEN_FILE: 'token' })).toMatchObject({
      status: 4,
      stderr: twoLines('forbidden'),
    })
    server.close()
  })

  test('a cache folder that cannot be one', async () => {
    const ended = await sandbox.run(['ops'], { env: { OPCACHE_CACHE_DIR: sandbox.path('a.txt') } })
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('cache-not-usable') })
    // What the server says of the folder is told as it is, not as a piece of another sentence.
    await mkdir(sandbox.path('newer/records-v9'), { recursive: true })
    const newer = await sandbox.run(['ops'], { env: { OPCACHE_CACHE_DIR: sandbox.path('newer') } })
    expect(newer).toMatchObject({ status: 2, stderr: twoLines('cache-not-usable') })
    expect(newer.stderr).toMatch(/^opcache: The folder \S+ holds a store of format v9 .+ folder\. \[/)
  })

  test('a configuration that cannot be read', async () => {
    await mkdir(sandbox.path('odd/opcache/config.json'), { recursive: true })
    const ended = await sandbox.run(['config', 'list'], { env: { XDG_CONFIG_HOME: sandbox.path('odd') } })
    expect(ended).toMatchObject({ status: 2, stderr: twoLines('config-unreadable') })
    expect(ended.stderr).toContain('Check the permissions')
  })
})

import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('a.txt', 'hello')
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const lines = (text: Buffer) =>
  String(text)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

describe('--json-stream', () => {
  test('has a line for each event, of which the last is the result that --json has', async () => {
    const args = ['upload', 'a.txt', '--op', 'copy', '-f']
    const ended = await sandbox.run([...args, '--json-stream'])
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    const told = lines(ended.stdout)
    expect(told[0]).toMatchObject({ event: 'progress', source: 'a.txt', phase: 'hashing' })
    expect(new Set(told.slice(0, -1).map(({ event }) => event))).toEqual(new Set(['progress']))
    const [plain] = await sandbox.json(args)
    expect(Object.keys(told.at(-1) ?? {})).toEqual(['event', ...Object.keys(plain ?? {})])
    expect(told.at(-1)).toMatchObject({ event: 'result', key: plain?.key })
  })

  test('tells an error as an event', async () => {
    const { stdout, stderr } = await sandbox.run(['hash', 'no', '--json-stream'])
    expect(stderr).toBe('')
    expect(lines(stdout)).toMatchObject([
      { event: 'error', source: 'no', error: { code: 'source-not-found', exitStatus: 2 } },
    ])
  })
})

describe('--verbose', () => {
  test('tells the causes of an error, and the server with where it was set', async () => {
    const env = { OPCACHE_SERVER: 'http://127.0.0.1:1' }
    const { stderr } = await sandbox.run(['ops', '-v'], { env })
    expect(stderr).toContain('Using the server http://127.0.0.1:1 (OPCACHE_SERVER), without a token.')
    expect(stderr).toMatch(/^ {2}because: .*ECONNREFUSED/m)
    expect(stderr).not.toContain('    at ')
    expect((await sandbox.run(['ops'], { env })).stderr.split('\n')).toHaveLength(3)
  })
})

describe('colors', () => {
  test('are never in a pipe unless they are forced', async () => {
    expect((await sandbox.run(['hash', 'no'])).stderr).toMatch(/^opcache:/)
    const forced = await sandbox.run(['hash', 'no'], { env: { FORCE_COLOR: '1' } })
    expect(forced.stderr).toContain('\u001b[31mopcache:\u001b[39m')
    const off = await sandbox.run(['hash', 'no', '--no-color'], { env: { FORCE_COLOR: '1' } })
    expect(off.stderr).toMatch(/^opcache:/)
  })
})

test('who stops reading help or a list is not told off', async () => {
  for (const args of [['--help'], ['help', 'upload'], ['hash', 'a.txt']]) {
    const { process: child, ended } = sandbox.start(args)
    child.stdout?.destroy()
    expect(await ended, args.join(' ')).toMatchObject({ status: 0, stderr: '' })
  }
})

describe('settings of a project', () => {
  test('count below its folder, and list tells where each value is set', async () => {
    await sandbox.write('.opcacherc.json', '{"server":"http://127.0.0.1:1"}')
    await sandbox.run(['config', 'set', 'limit-rate', '2M'])
    const env = { OPCACHE_RECONNECT_TIMEOUT: '3' }
    const { stdout } = await sandbox.run(['config', 'list', '--show-origin'], { env })
    const user = sandbox.path('../home/config/opcache/config.json')
    const set = String(stdout)
      .trimEnd()
      .split('\n')
      .filter(line => !line.endsWith('(default)'))
    expect(set).toEqual([
      `server = http://127.0.0.1:1  (${sandbox.path('.opcacherc.json')})`,
      'reconnect-timeout = 3  (OPCACHE_RECONNECT_TIMEOUT)',
      `limit-rate = 2000000  (${user})`,
    ])
    expect(JSON.parse(await readFile(user, 'utf8'))).toEqual({ 'limit-rate': 2_000_000 })
    expect((await sandbox.run(['ops'])).stderr).toContain('http://127.0.0.1:1')
  })
})

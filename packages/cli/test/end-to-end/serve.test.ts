import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { offerHeld } from '../held-operation.js'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

let sandbox: Sandbox
let held: Awaited<ReturnType<typeof offerHeld>>
let served: Served
beforeAll(async () => {
  sandbox = await Sandbox.make()
  held = await offerHeld(sandbox)
  served = await serve(sandbox, ['--port', '0', '--config', 'opcache.config.mjs'])
})
afterAll(async () => {
  served.command.process.kill('SIGTERM')
  await served.command.ended
  await sandbox[Symbol.asyncDispose]()
})

const run = (...args: string[]) => sandbox.run(args, { env: { OPCACHE_SERVER: served.url } })

describe('opcache serve', () => {
  test('prints its address, serves uploads of other commands, and keeps them in the data folder', async () => {
    expect(served.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    await sandbox.write('served.txt', 'served')
    expect(await run('upload', 'served.txt', '--op', 'gzip')).toMatchObject({ status: 0 })
    expect(gunzipSync(await sandbox.read('served.gz')).toString()).toBe('served')
    expect((await stat(sandbox.path('../home/data/opcache'))).isDirectory()).toBe(true)
    // What completion needs to know of the server; no cache of one's own.
    expect(await readdir(sandbox.path('../home/cache/opcache'))).toEqual(['capabilities'])
  })

  test('refuses the folder of a cache without a server, which would not be used', async () => {
    const { status, stderr } = await sandbox.run(['serve', '--port', '0', '--cache-dir', 'elsewhere'])
    expect(status).toBe(2)
    expect(stderr).toContain('--data')
  })

  test('shows what it can do', async () => {
    const all = (await run('ops')).stdout.toString()
    for (const name of ['convert', 'copy', 'gunzip', 'gzip'])
      expect(all).toMatch(new RegExp(`^${name} `, 'm'))
    const one = (await run('ops', 'gzip')).stdout.toString()
    expect(one).toContain('-p level=... (integer 1 to 9, default 6)')
    expect(await run('ops', 'gzp')).toMatchObject({ status: 2, stderr: expect.stringContaining('"gzip"') })
  })

  test('a wait that times out tells the key, under which the result comes later', async () => {
    const bytes = randomBytes(24 * 2 ** 20, 'slow')
    await sandbox.write('slow.bin', bytes)
    const args = ['upload', 'slow.bin', '--op', 'held']
    const ended = await run(...args, '--timeout', '0.001')
    expect(ended).toMatchObject({ status: 8, stderr: expect.stringContaining('[wait-timeout]') })
    const key = /`opcache get ([0-9a-f]{64})` /.exec(ended.stderr)?.[1] as string
    expect((await run('key', 'slow.bin', '--op', 'held')).stdout.toString()).toBe(`${key}\n`)
    await held.letGo()
    expect(await run('get', key, '-o', 'slow.out')).toMatchObject({ status: 0 })
    expect((await sandbox.read('slow.out')).equals(bytes)).toBe(true)
    expect((await run('status', key)).stdout.toString()).toMatch(/^state {6}COMPLETE$/m)
    // In a pipe the result goes to stdout.
    expect((await run('get', key)).stdout.equals(bytes)).toBe(true)
  })

  test('listens on a socket of its user alone, and ends well when it is told to', async () => {
    const socket = sandbox.path('../tmp/s')
    const own = await serve(sandbox, ['--socket', socket, '--data', 'own-data'])
    expect(own.url).toBe(`unix:${socket}`)
    expect((await stat(socket)).mode & 0o777).toBe(0o600)
    expect(await sandbox.run(['--server', own.url, 'ops'])).toMatchObject({ status: 0 })
    own.command.process.kill('SIGTERM')
    expect(await own.command.ended).toMatchObject({ status: 0, signal: null })
    expect(await sandbox.run(['--server', own.url, 'ops'])).toMatchObject({ status: 5 })
  })

  test('takes the place of a socket that a killed server left, and never that of a file', async () => {
    const socket = sandbox.path('../tmp/left')
    const args = ['--socket', socket, '--data', 'left-data']
    const killed = await serve(sandbox, args)
    killed.command.process.kill('SIGKILL')
    await killed.command.ended
    const next = await serve(sandbox, args)
    expect(await sandbox.run(['serve', ...args])).toMatchObject({ status: 2 })
    next.command.process.kill('SIGTERM')
    await next.command.ended
    const file = sandbox.path(await sandbox.write('letter.txt', 'dear'))
    const ended = await sandbox.run(['serve', '--socket', file, '--data', 'left-data'])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('another file is there') })
    expect((await sandbox.read('letter.txt')).toString()).toBe('dear')
  })

  test('tells who listens where it was to listen', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const port = String((other.address() as AddressInfo).port)
    const ended = await sandbox.run(['serve', '--port', port, '--data', 'other-data'])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('[cannot-listen]') })
    other.close()
    expect(await sandbox.run(['serve', '--port', '70000'])).toMatchObject({ status: 2 })
    expect(await sandbox.run(['serve', '--port', '1', '--socket', 'x'])).toMatchObject({ status: 2 })
  })
})

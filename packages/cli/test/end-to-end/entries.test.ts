import { rename } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

let sandbox: Sandbox
let server: Served
beforeAll(async () => {
  sandbox = await Sandbox.make()
  server = await serve(sandbox)
  await sandbox.write('file.txt', 'an entry of mine')
})
afterAll(async () => {
  server.command.process.kill('SIGTERM')
  await server.command.ended
  await sandbox[Symbol.asyncDispose]()
})

const env = () => ({ OPCACHE_SERVER: server.url })

describe('an entry', () => {
  test('is begun by --detach, which prints its key, waited for, listed, fetched and forgotten', async () => {
    const detached = await sandbox.run(['upload', 'file.txt', '--op', 'gzip', '--detach'], { env: env() })
    expect(detached, detached.stderr).toMatchObject({ status: 0 })
    const key = String(detached.stdout).trim()
    expect(key).toMatch(/^[0-9a-f]{64}$/)

    const waited = await sandbox.run(['wait', key], { env: env() })
    expect(waited).toMatchObject({ status: 0 })
    expect(String(waited.stdout)).toMatch(new RegExp(`^${key}  COMPLETE  .*bytes\n$`))

    await sandbox.run(['upload', 'file.txt', '--op', 'gzip', '-o', 'listed.gz'], { env: env() })
    expect(await sandbox.json(['ls'], { env: env() })).toMatchObject([
      { key, state: 'COMPLETE', operation: 'gzip', source: 'file.txt', output: 'listed.gz' },
    ])
    expect(await sandbox.json(['ls', '--state', 'failed'], { env: env() })).toEqual([])

    expect(await sandbox.run(['rm', key], { env: env() })).toMatchObject({ status: 0 })
    expect(await sandbox.run(['rm', key], { env: env() })).toMatchObject({ status: 3 })
    expect(await sandbox.run(['wait', key], { env: env() })).toMatchObject({ status: 3 })
    expect(await sandbox.json(['ls'], { env: env() })).toEqual([])
  })

  test('is explained without being made', async () => {
    const explain = (...more: string[]) =>
      sandbox.json(['upload', 'file.txt', '--op', 'gunzip', '--explain', ...more], { env: env() })
    const [explained] = await explain()
    expect(explained).toMatchObject({
      would: 'miss',
      state: null,
      descriptor: { operation: { name: 'gunzip' } },
    })
    expect(await explain()).toEqual([explained])
    const [printed] = await sandbox.json(['key', 'file.txt', '--op', 'gunzip'])
    expect(explained!.key).toBe(printed!.key)
    expect(await sandbox.run(['status', String(explained!.key)], { env: env() })).toMatchObject({ status: 3 })
    expect((await explain('--private'))[0]).toMatchObject({ descriptor: { user: 'local' } })

    await sandbox.run(['upload', 'file.txt', '--op', 'copy', '-o', 'explained.txt'], { env: env() })
    const args = ['upload', 'file.txt', '--op', 'copy', '--explain']
    const told = await sandbox.run(args, { env: env() })
    expect(String(told.stdout)).toContain('would be   a hit (entry COMPLETE)\n')
  })

  test('cannot be left to a server that ends with the command', async () => {
    const ended = await sandbox.run(['upload', 'file.txt', '--op', 'gzip', '--detach'])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('--server') })
  })
})

describe('--watch', () => {
  test('runs a source again when it changes or another file takes its place, and ends with 0', async () => {
    await sandbox.write('watched.txt', 'one')
    const args = ['upload', 'watched.txt', '--op', 'copy', '-o', 'watched.out', '--watch']
    const command = sandbox.start(args, { env: env() })
    let told = ''
    command.process.stderr!.on('data', chunk => {
      told += String(chunk)
    })
    while (!/Watching for changes/.test(told)) await new Promise(done => setTimeout(done, 20))
    // The watcher says nothing when it begins to see.
    while (!/^two/.test(String(await sandbox.read('watched.out')))) {
      await sandbox.write('watched.txt', `two, at ${performance.now()}`)
      await new Promise(done => setTimeout(done, 1_000))
    }
    // As editors do that keep what was there before.
    await rename(sandbox.path('watched.txt'), sandbox.path('watched.txt~'))
    await sandbox.write('watched.txt', 'three, the longest of them all')
    while (!/^three/.test(String(await sandbox.read('watched.out'))))
      await new Promise(done => setTimeout(done, 20))
    command.process.kill('SIGINT')
    expect(await command.ended).toMatchObject({ status: 0 })
    expect(told).toMatch(/miss[\s\S]*miss/)
  })
})

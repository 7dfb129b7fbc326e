import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

const MIB = 2 ** 20

let sandbox: Sandbox
let served: Served
beforeAll(async () => {
  sandbox = await Sandbox.make()
  served = await serve(sandbox)
})
afterAll(async () => {
  served.command.process.kill('SIGTERM')
  await served.command.ended
  await sandbox[Symbol.asyncDispose]()
})

describe('opcache upload --stream', () => {
  test('sends a pipe while it is read, and its content is a hit from then on', async () => {
    const bytes = randomBytes(9 * MIB + 3, 'piped')
    const args = ['upload', '-', '--op', 'gzip', '--stream', '-o', 'piped.gz']
    const [streamed] = await sandbox.json(args, { stdin: bytes })
    expect(streamed).toMatchObject({ source: '-', served: 'miss', uploadedBytes: bytes.length })
    expect(gunzipSync(await sandbox.read('piped.gz')).equals(bytes)).toBe(true)
    await sandbox.write('same.bin', bytes)
    const [known] = await sandbox.json(['upload', 'same.bin', '--op', 'gzip'])
    expect(known).toMatchObject({ served: 'hit', uploadedBytes: 0, result: streamed!.result })
  })

  test('reads a named pipe', async () => {
    const bytes = randomBytes(3 * MIB, 'named')
    execFileSync('mkfifo', [sandbox.path('pipe')])
    await sandbox.write('piped.bin', bytes)
    // Opening a named pipe waits for the other side.
    const writer = spawn('sh', ['-c', 'cat piped.bin > pipe'], { cwd: sandbox.path('.') })
    const written = once(writer, 'exit')
    const args = ['upload', 'pipe', '--op', 'copy', '--stream', '-o', 'from-pipe.bin']
    expect((await sandbox.run(args, { env: { OPCACHE_SERVER: served.url } })).status).toBe(0)
    expect(await written).toEqual([0, null])
    expect((await sandbox.read('from-pipe.bin')).equals(bytes)).toBe(true)
  })

  test('holds less than 150 MiB for half a GiB, and no temporary file', async () => {
    await writeFile(
      sandbox.path('peak.mjs'),
      `import { writeFileSync } from 'node:fs'
       process.on('exit', () => writeFileSync('peak.txt', String(process.resourceUsage().maxRSS)))`,
    )
    const args = ['upload', '-', '--op', 'copy', '--stream', '-o', 'half.bin']
    const { process, ended } = sandbox.start(args, {
      isStdinOpen: true,
      env: { OPCACHE_SERVER: served.url, NODE_OPTIONS: `--import=${sandbox.path('peak.mjs')}` },
    })
    const block = randomBytes(MIB, 'half')
    for (let index = 0; index < 512; index++) {
      block.writeUInt32LE(index)
      await new Promise(resolve => process.stdin?.write(Buffer.from(block), resolve))
    }
    expect(await readdir(sandbox.path('../tmp'))).toEqual([])
    process.stdin?.end()
    expect((await ended).status).toBe(0)
    expect(Number(await sandbox.read('peak.txt')) / 1024).toBeLessThan(150)
  })

  test('loses nothing to a cache that is cleared while its source is idle', async () => {
    const bytes = randomBytes(5 * MIB, 'idle')
    const folder = ['--cache-dir', 'idle-cache']
    const args = ['upload', '-', '--op', 'gzip', '--stream', '-o', 'idle.gz', ...folder]
    const { process, ended } = sandbox.start(args, { isStdinOpen: true })
    process.stdin?.write(bytes.subarray(0, 3 * MIB))
    const size = async () => (await sandbox.json(['cache', 'size', ...folder]))[0]
    await vi.waitUntil(async () => (await size())?.bytes === 3 * MIB, { timeout: 60_000 })
    expect(await sandbox.json(['cache', 'clear', '--yes', ...folder])).toMatchObject([{ freedBytes: 0 }])
    process.stdin?.end(bytes.subarray(3 * MIB))
    expect(await ended).toMatchObject({ status: 0 })
    expect(gunzipSync(await sandbox.read('idle.gz')).equals(bytes)).toBe(true)
  })

  test('cannot look for what it has not read', async () => {
    const refused = await sandbox.run(['upload', '-', '--op', 'copy', '--stream', '--only-if-cached'], {
      stdin: 'x',
    })
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('--resource')
  })
})

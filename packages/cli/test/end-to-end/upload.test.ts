import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

const example = (name: string) =>
  fileURLToPath(new URL(`../../../../examples/files/${name}`, import.meta.url))

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

describe('opcache upload, with no server configured', () => {
  test('makes the result once, then finds it without sending a byte', async () => {
    await sandbox.write('once.txt', 'to be compressed once')
    const first = await sandbox.run(['upload', 'once.txt', '--op', 'gzip'])
    expect(first).toMatchObject({ status: 0, stdout: Buffer.alloc(0) })
    expect(first.stderr).toMatch(/^once\.txt -> once\.gz \(miss, 21 bytes uploaded, [\d.]+ s\)\n$/)
    expect(gunzipSync(await sandbox.read('once.gz')).toString()).toBe('to be compressed once')

    const second = await sandbox.run(['run', 'once.txt', '--op', 'gzip', '-o', 'again.gz'])
    expect(second.status).toBe(0)
    expect(second.stderr).toMatch(
      /^once\.txt -> again\.gz \(hit, 0 bytes uploaded, 21 bytes saved, [\d.]+ s\)\n$/,
    )
    expect(await sandbox.read('again.gz')).toEqual(await sandbox.read('once.gz'))
  })

  test('converts real files into a folder and goes on after a failure', async () => {
    await mkdir(sandbox.path('converted'))
    const files = [example('handbook.pdf'), example('stations.csv'), 'nowhere.md', example('notes.md')]
    const args = ['upload', ...files, '--op', 'convert', '-o', 'converted/']
    const first = await sandbox.json(args)
    expect(first).toMatchObject([
      { source: files[0], served: 'miss', output: 'converted/handbook.txt' },
      { source: files[1], served: 'miss', output: 'converted/stations.json' },
      { source: 'nowhere.md', error: { code: 'source-not-found', exitStatus: 2 } },
      { source: files[3], served: 'miss', output: 'converted/notes.html' },
    ])
    expect(JSON.parse(String(await sandbox.read('converted/stations.json')))).toBeInstanceOf(Array)

    const second = await sandbox.run(['--json', ...args, '--force'])
    const hits = second.stdout
      .toString()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(second).toMatchObject({ status: 2, stderr: '' })
    expect(hits.filter(hit => hit.served === 'hit' && hit.uploadedBytes === 0)).toHaveLength(3)
    expect((await readdir(sandbox.path('converted'))).sort()).toEqual([
      'handbook.txt',
      'notes.html',
      'stations.json',
    ])
  })

  test('takes what to convert to from the name of the output', async () => {
    const ended = await sandbox.run([
      'upload',
      example('landscape.jpg'),
      '--op',
      'convert',
      '-o',
      'small.png',
      '-p',
      'width=64',
    ])
    expect(ended.status, ended.stderr).toBe(0)
    expect((await sandbox.read('small.png')).subarray(1, 4).toString()).toBe('PNG')
  })

  test('reads stdin and writes stdout in a pipe, with nothing but data on it', async () => {
    const ended = await sandbox.run(['upload', '-', '--op', 'gzip', '-q'], { stdin: 'piped' })
    expect(ended).toMatchObject({ status: 0, stderr: '' })
    expect(gunzipSync(ended.stdout).toString()).toBe('piped')
    await sandbox.write('piped.txt', 'piped')
    const file = await sandbox.run(['upload', 'piped.txt', '--op', 'gzip', '-o', '-'])
    expect(file.stdout).toEqual(ended.stdout)
    expect(file.stderr).toMatch(/^piped\.txt -> stdout \(hit, 0 bytes uploaded, 5 bytes saved/)
  })

  test('draws nothing and writes no control codes where stderr is no terminal', async () => {
    const ended = await sandbox.run(['upload', '-', '--op', 'copy'], {
      stdin: randomBytes(9 * 2 ** 20, 'plain'),
    })
    expect(ended.stdout.equals(randomBytes(9 * 2 ** 20, 'plain'))).toBe(true)
    expect(ended.stderr).toMatch(/^stdin -> stdout \(miss, 9\.4 MB uploaded, [\d.]+ s\)\n$/)
  })

  test('works on an empty file', async () => {
    await sandbox.write('empty', '')
    const [told] = await sandbox.json(['upload', 'empty', '--op', 'copy'])
    expect(told).toMatchObject({
      served: 'miss',
      output: 'empty.copy',
      content: { size: 0 },
      uploadedBytes: 0,
    })
    expect(await sandbox.read('empty.copy')).toHaveLength(0)
  })

  test('keeps private, salted and named results apart', async () => {
    await sandbox.write('apart.txt', 'apart')
    const run = (...args: string[]) => sandbox.json(['upload', 'apart.txt', '--op', 'copy', '-f', ...args])
    const tellings = [
      await run(),
      await run('--salt', 'x'),
      await run('--private'),
      await run('--resource', 'apart@1'),
    ]
    expect(tellings.flat().map(told => told.served)).toEqual(['miss', 'miss', 'miss', 'miss'])
    expect(new Set(tellings.flat().map(told => told.key)).size).toBe(4)
    // A named source is not even read.
    await sandbox.write('apart.txt', 'changed')
    expect(await run('--resource', 'apart@1')).toMatchObject([{ served: 'hit', content: null }])
  })

  test('has nothing made with --only-if-cached, and everything with --refresh', async () => {
    await sandbox.write('cached.txt', 'cached?')
    const run = (...args: string[]) => sandbox.run(['upload', 'cached.txt', '--op', 'copy', '-f', ...args])
    expect(await run('--only-if-cached')).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('[not-cached]'),
    })
    expect((await run()).status).toBe(0)
    expect(await run('--only-if-cached')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('(hit'),
    })
    expect(await run('--refresh')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('(miss, 0 bytes'),
    })
  })

  test('fails with the words of the operation', async () => {
    const ended = await sandbox.run([
      'upload',
      example('handbook.pdf'),
      '--op',
      'convert',
      '-p',
      'to=csv',
      '-o',
      'x',
    ])
    expect(ended).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/csv.*\[operation-failed\]\n {2}.+\n$/),
    })
    expect(existsSync(sandbox.path('x'))).toBe(false)
  })

  test('leaves no socket folder behind', async () => {
    const left = await readdir(sandbox.path('../tmp'))
    expect(left.filter(name => name.startsWith('opcache-'))).toEqual([])
  })
})

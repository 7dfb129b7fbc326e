import { existsSync } from 'node:fs'
import { mkdir, readdir } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await mkdir(sandbox.path('logs/deep'), { recursive: true })
  for (const name of ['a.log', 'b.log', 'deep/a.log', '.hidden.log']) {
    await sandbox.write(`logs/${name}`, `this is ${name}`)
  }
})
afterAll(() => sandbox[Symbol.asyncDispose]())

describe('many files', () => {
  test('are what a quoted pattern matches, named by a template, whose folders are made', async () => {
    const args = [
      'upload',
      'logs/**/*.log',
      '--op',
      'gzip',
      '-o',
      'out/{dir}/{op}-{base}.{ext}',
      '--jobs',
      '3',
    ]
    const { status, stdout, stderr } = await sandbox.run(args)
    expect({ status, stdout: String(stdout) }).toEqual({ status: 0, stdout: '' })
    expect(stderr).toMatch(/\n3 files: 0 hits, 3 misses; .* uploaded, 0 bytes saved, [\d.]+ s\n$/)
    expect((await readdir(sandbox.path('out'), { recursive: true })).sort()).toEqual([
      'logs',
      'logs/deep',
      'logs/deep/gzip-a.log.gz',
      'logs/gzip-a.log.gz',
      'logs/gzip-b.log.gz',
    ])
    expect(String(gunzipSync(await sandbox.read('out/logs/deep/gzip-a.log.gz')))).toBe('this is deep/a.log')
  })

  test('are those of a folder, with --recursive only', async () => {
    const refused = await sandbox.run(['upload', 'logs', '--op', 'gzip', '-o', 'refused.gz'])
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('upload --recursive') })
    const args = ['upload', 'logs', '-r', '--op', 'gzip', '-o', 'again/{dir}/{name}.{ext}']
    const told = await sandbox.json(args)
    expect(told.map(({ source }) => source)).toEqual(['logs/a.log', 'logs/b.log', 'logs/deep/a.log'])
  })

  test('that would be named alike are refused before any work', async () => {
    await mkdir(sandbox.path('flat'))
    for (const output of ['flat/', 'flat/{name}.{ext}']) {
      const ended = await sandbox.run(['upload', 'logs', '-r', '--op', 'gzip', '-o', output])
      expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining('would both be named') })
    }
    expect(await readdir(sandbox.path('flat'))).toEqual([])
  })

  test('go on after a failure, unless --fail-fast; the status is that of the first that failed', async () => {
    const args = ['upload', 'nowhere.log', 'logs/a.log', '--op', 'gzip', '--salt', 'failing', '-o']
    const goesOn = await sandbox.json([...args, 'on-{name}.{ext}'])
    expect(goesOn).toMatchObject([{ error: { code: 'source-not-found' } }, { output: 'on-a.gz' }])
    const stops = await sandbox.run([...args, 'off-{name}.{ext}', '--fail-fast'])
    expect(stops).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('2 files: 0 hits, 0 misses, 1 failed, 1 left;'),
    })
    expect(existsSync(sandbox.path('off-a.gz'))).toBe(false)
    // Each source is told of, and how to go on.
    const told = await sandbox.json([...args, 'off-{name}.{ext}', '--fail-fast'])
    expect(told).toMatchObject([
      { source: 'nowhere.log', error: { code: 'source-not-found', exitStatus: 2 } },
      { source: 'logs/a.log', error: { code: 'not-begun', exitStatus: 2 } },
    ])
    await sandbox.write('nowhere.log', 'it is there now')
    expect((await sandbox.json(['resume'])).map(({ output }) => output)).toContain('off-a.gz')
  })

  test('go into a folder that is made, and are told where none can be', async () => {
    const args = ['upload', 'logs/a.log', 'logs/b.log', '--op', 'gzip', '-o']
    expect(await sandbox.run([...args, 'made/for/them/'])).toMatchObject({ status: 0 })
    expect((await readdir(sandbox.path('made/for/them'))).sort()).toEqual(['a.gz', 'b.gz'])
    const refused = await sandbox.json([...args, 'logs/a.log/{name}.{ext}'])
    expect(refused.map(({ error }) => (error as { code: string }).code)).toEqual([
      'output-not-writable',
      'output-not-writable',
    ])
  })

  test('with equal bytes may share an output that is named by the key', async () => {
    await sandbox.write('one.txt', 'twins')
    await sandbox.write('two.txt', 'twins')
    const told = await sandbox.json([
      'upload',
      'one.txt',
      'two.txt',
      '--op',
      'gzip',
      '-o',
      'twins/{key}.{ext}',
    ])
    expect(told).toMatchObject([{ served: 'miss' }, { served: 'hit' }])
    expect(told[0]!.output).toBe(told[1]!.output)
    expect(await readdir(sandbox.path('twins'))).toHaveLength(1)
  })

  test('end with a summary, as an event for programs', async () => {
    const args = ['upload', 'logs/a.log', 'logs/b.log', '--op', 'gzip', '-o', 'sum/{name}.{ext}']
    const events = await sandbox.json(['--json-stream', ...args])
    expect(events.at(-1)).toMatchObject({ event: 'summary', hit: 2, miss: 0, failed: 0, uploadedBytes: 0 })
  })

  test.each([
    ['{nmae}.gz', 'Did you mean "name"?'],
    ['results.gz', 'a folder or a template'],
  ])('are not brought to %s', async (output, told) => {
    const ended = await sandbox.run(['upload', 'logs/*.log', '--op', 'gzip', '-o', output])
    expect(ended).toMatchObject({ status: 2, stderr: expect.stringContaining(told) })
  })
})

describe('an archive', () => {
  const pdf = new URL('../../../../examples/files/handbook.pdf', import.meta.url).pathname

  test('is what several pages become, and must be named so', async () => {
    const args = ['upload', pdf, '--op', 'convert', '-p', 'dpi=20', '-o']
    const asZip = await sandbox.run([...args, 'pages.zip'])
    expect(asZip, asZip.stderr).toMatchObject({ status: 0 })
    expect((await sandbox.read('pages.zip')).subarray(0, 2).toString()).toBe('PK')
    const asImage = await sandbox.run([...args, 'pages.png', '-p', 'pages=1-2'])
    expect(asImage).toMatchObject({ status: 2, stderr: expect.stringContaining('[output-not-writable]') })
    expect(existsSync(sandbox.path('pages.png'))).toBe(false)
  })
})

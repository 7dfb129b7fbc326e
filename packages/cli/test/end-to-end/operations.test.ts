import { once } from 'node:events'
import { gunzipSync } from 'node:zlib'
import type { EntryDocument } from '@opcache/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

const CONFIG = `
const params = { type: 'object', properties: { marks: { type: 'integer', default: 1 } }, additionalProperties: false }
const base = { version: '1', params, streaming: false }
export default {
  operations: [
    { ...base, name: 'shout', summary: 'Makes a text loud', run: async ({ input, output, params, log }) => {
      log('shouting')
      for await (const chunk of input.stream()) output.write(String(chunk).toUpperCase())
      output.write('!'.repeat(params.marks))
      return { type: 'text/plain', name: 'loud.txt' }
    } },
    { ...base, name: 'moody', summary: 'Fails the first time', run: async ({ output, params, log }) => {
      const { existsSync, writeFileSync } = await import('node:fs')
      const mark = new URL('mark-' + params.marks, import.meta.url)
      if (!existsSync(mark)) { writeFileSync(mark, ''); log('in a mood'); throw new Error('not today') }
      output.end('today')
      return { name: 'mood.txt' }
    } },
    { ...base, name: 'say', summary: 'Says a word', params: { type: 'object', properties: { word: { type: 'string' } } },
      run: async ({ output, params }) => { output.end(params.word) } },
    { ...base, name: 'partly', summary: 'Needs a tool now and then', tools: ['sh', 'no-such-tool'], run: async () => {} },
    { ...base, name: 'linger', summary: 'Never ends', command: ['sleep', '73'], output: {} },
  ],
}`

let sandbox: Sandbox
let served: Served
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('own.config.mjs', CONFIG)
  await sandbox.write('a.txt', 'hello')
  served = await serve(sandbox, ['--port', '0', '--config', 'own.config.mjs'])
})
afterAll(async () => {
  served.command.process.kill('SIGTERM')
  await served.command.ended
  await sandbox[Symbol.asyncDispose]()
})

const start = (...args: string[]) => sandbox.start(args, { env: { OPCACHE_SERVER: served.url } })
const run = (...args: string[]) => start(...args).ended

describe('operations of a configuration file', () => {
  test('are offered by the server that was given it', async () => {
    const ended = await run('upload', 'a.txt', '--op', 'shout', '-p', 'marks=2', '-o', '-')
    expect([ended.status, ended.stdout.toString()]).toEqual([0, 'HELLO!!'])
    const key = (await run('key', 'a.txt', '--op', 'shout', '-p', 'marks=2')).stdout.toString().trim()
    expect((await run('status', key)).stdout.toString()).toMatch(/^log\n {2}shouting$/m)
  })

  test('take texts that would be JSON elsewhere as they were typed', async () => {
    const said = ['a.txt', '--op', 'say', '-p', 'word=1.50']
    const ended = await run('upload', ...said, '-o', '-')
    expect([ended.status, ended.stdout.toString()]).toEqual([0, '1.50'])
    const key = (await run('key', ...said)).stdout.toString().trim()
    expect((await run('status', key)).stdout.toString()).toContain('COMPLETE')
  })

  test('say which tools the server lacks for some of their work', async () => {
    expect((await run('ops')).stdout.toString()).toMatch(
      /partly +Needs .* \(in part; missing on the server: no-such-tool\)/,
    )
    const told = (await run('ops', 'partly')).stdout.toString()
    expect(told).toContain('Some of it needs what the server lacks: no-such-tool.')
  })

  test('work without a server where the file is in the current folder', async () => {
    await using own = await Sandbox.make()
    await own.write('opcache.config.mjs', CONFIG)
    await own.write('a.txt', 'embedded')
    const ended = await own.run(['upload', 'a.txt', '--op', 'shout', '-o', '-'])
    expect([ended.status, ended.stdout.toString()]).toEqual([0, 'EMBEDDED!'])
  })

  test.each([
    ['export default { operations: [{ name: "x" }] }', /bad\.mjs cannot be used: operations\[0\] \("x"\)/],
    ['export default {\n  operations: [,\n}', /bad\.mjs failed in line 3: SyntaxError/],
    ['import "./worse.mjs"', /bad\.mjs failed in \S+worse\.mjs, line 2: SyntaxError/],
  ])(
    'that cannot be read (%j) keep the server from starting, and the message says where',
    async (text, told) => {
      await sandbox.write('bad.mjs', text)
      await sandbox.write('worse.mjs', '\n)')
      const ended = await sandbox.run(['serve', '--port', '0', '--config', 'bad.mjs'])
      expect(ended.status).toBe(2)
      expect(ended.stderr).toMatch(told)
      expect(ended.stderr).toContain('[config-unreadable]')
    },
  )

  test('that end the process by themselves do not look like a server that ended well', async () => {
    await sandbox.write('exit.mjs', 'process.exit(0)')
    const ended = await sandbox.run(['serve', '--port', '0', '--config', 'exit.mjs'])
    expect(ended.status).toBe(1)
    expect(ended.stderr).toMatch(/exit\.mjs ended the process/)
  })

  test('are not blamed for a second Ctrl-C while they are read', async () => {
    const again = "process.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))"
    await sandbox.write(
      'slow.mjs',
      `${again}; console.error('reading'); await new Promise(done => setTimeout(done, 1e5))`,
    )
    const running = sandbox.start(['serve', '--port', '0', '--config', 'slow.mjs'])
    await once(running.process.stderr!, 'data')
    running.process.kill('SIGINT')
    expect(await running.ended).toMatchObject({ status: 130, stderr: 'reading\n' })
  })
})

test('a chain runs each operation on the result before it, with its own parameters, and uploads once', async () => {
  const args = ['upload', 'a.txt', '--op', 'shout', '-p', 'marks=3', '--then', 'shout', '-p', 'marks=1']
  const [first] = await sandbox.json([...args, '-o', 'chain.txt', '--server', served.url])
  expect(first).toMatchObject({ served: 'miss', content: { size: 5 }, result: { size: 9 } })
  expect((await sandbox.read('chain.txt')).toString()).toBe('HELLO!!!!')
  const [again] = await sandbox.json([...args, '-o', 'again.txt', '--server', served.url])
  expect(again).toMatchObject({ served: 'hit', uploadedBytes: 0 })
  expect(await run(...args, '--then', 'shuot')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('"shout"'),
  })
})

test('a chain that fails in the middle says where, and goes on there without another upload', async () => {
  await sandbox.write('middle.txt', 'in the middle')
  const chain = [
    'upload',
    'middle.txt',
    '--op',
    'shout',
    '--then',
    'moody',
    '-p',
    'marks=2',
    '--then',
    'gzip',
  ]
  const failed = await run(...chain, '-o', '-')
  expect([failed.status, failed.stdout.length]).toEqual([1, 0])
  expect(failed.stderr).toContain('middle.txt: moody, step 2 of 3: not today')
  const stateOf = async (operation: string) => {
    const { entries } = (await (await fetch(`${served.url}/v1/entries`)).json()) as {
      entries: EntryDocument[]
    }
    return entries.find(({ descriptor }) => descriptor.operation.name === operation)?.state
  }
  expect([await stateOf('shout'), await stateOf('moody')]).toEqual(['COMPLETE', 'FAILED'])
  const again = await run(...chain, '-o', '-')
  expect([again.status, gunzipSync(again.stdout).toString()]).toEqual([0, 'today'])
  expect(again.stderr).toContain('0 bytes uploaded')
  expect([await stateOf('moody'), await stateOf('gzip')]).toEqual(['COMPLETE', 'COMPLETE'])
})

test('a failed operation is run again by its key, from the stored source', async () => {
  expect(await run('upload', 'a.txt', '--op', 'moody')).toMatchObject({ status: 1 })
  const key = (await run('key', 'a.txt', '--op', 'moody')).stdout.toString().trim()
  expect((await run('status', key)).stdout.toString()).toContain('in a mood')
  expect(await run('retry', key, '-o', 'mood.txt')).toMatchObject({ status: 0 })
  expect((await sandbox.read('mood.txt')).toString()).toBe('today')
  expect(await run('retry', '0'.repeat(64))).toMatchObject({ status: 3 })
})

describe('Ctrl-C while the operation runs on a server', () => {
  const key = async () => (await run('key', 'a.txt', '--op', 'linger')).stdout.toString().trim()
  const isRunning = async () => {
    const answer = await fetch(`${served.url}/v1/entries/${await key()}`)
    return ((await answer.json()) as { state?: string }).state === 'PROCESSING'
  }

  test('leaves it running, and prints the command that comes back to it', async () => {
    const command = start('upload', 'a.txt', '--op', 'linger', '--json-stream')
    let told = ''
    while (!told.includes('"processing"')) told += String((await once(command.process.stdout!, 'data'))[0])
    command.process.kill('SIGINT')
    const { status, stdout } = await command.ended
    expect(status).toBe(130)
    expect(JSON.parse(String(stdout).trim().split('\n').at(-1)!).error.advice).toBe(
      'Run `opcache upload a.txt --op linger --json-stream` again: it waits for the operation, which goes on at the server.',
    )
    expect(await isRunning()).toBe(true)
    await fetch(`${served.url}/v1/entries/${await key()}`, { method: 'DELETE' })
  })

  test('ends it and forgets its entry with --cancel', async () => {
    const command = start('upload', 'a.txt', '--op', 'linger', '--cancel')
    while (!(await isRunning()));
    command.process.kill('SIGINT')
    expect(await command.ended).toMatchObject({ status: 130, stderr: expect.stringContaining('forgotten') })
    expect(await run('status', await key())).toMatchObject({ status: 3 })
  })
})

import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXIT_MEANINGS } from '../../src/failure/exit-status.js'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'
import { type Served, serve } from '../served.js'

// Every status of the documented table, from the built command and a server that wants tokens and has little room.

const LINGER = {
  name: 'linger',
  version: '1',
  summary: 'Never ends',
  params: { type: 'object', properties: {} },
  streaming: false,
}
const CONFIG = `export default { operations: [
  { ...${JSON.stringify(LINGER)}, command: ['sleep', '73'], output: {} },
] }`

let sandbox: Sandbox
let served: Served
let token: string
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('own.config.mjs', CONFIG)
  await sandbox.write('a.txt', 'hello')
  await sandbox.write('large.bin', randomBytes(9 * 2 ** 20, 'large'))
  const created = await sandbox.run(['token', 'create', '--tokens', 'tokens', '--user', 'anna'])
  token = String(created.stdout).trim()
  const limits = ['--tokens', 'tokens', '--max-size', '8M']
  served = await serve(sandbox, ['--port', '0', '--data', 'data', '--config', 'own.config.mjs', ...limits])
})
afterAll(async () => {
  served.command.process.kill('SIGTERM')
  await served.command.ended
  await sandbox[Symbol.asyncDispose]()
})

const env = () => ({ OPCACHE_SERVER: served.url, OPCACHE_TOKEN: token })
const run = (...args: string[]) => sandbox.run(args, { env: env() })
const copy = ['upload', 'a.txt', '--op', 'copy', '-o', 'copy.txt', '--force']

/** Stops a command while its operation runs. */
async function stopped(signal: NodeJS.Signals) {
  const command = sandbox.start(['upload', 'a.txt', '--op', 'linger', '--unique', '--json-stream'], {
    env: env(),
  })
  await new Promise<void>(resolve => {
    let told = ''
    command.process.stdout!.on('data', chunk => {
      told += String(chunk)
      if (told.includes('"processing"')) resolve()
    })
  })
  command.process.kill(signal)
  return await command.ended
}

const CASES: Record<string, () => Promise<{ status: number | null }>> = {
  '0': () => run(...copy),
  '1': () => run('upload', 'a.txt', '--op', 'gunzip', '-o', 'x'),
  '2': () => run('upload', 'no.txt', '--op', 'copy'),
  '3': () => run('upload', 'a.txt', '--op', 'gzip', '--only-if-cached'),
  '4': () => sandbox.run(copy, { env: { ...env(), OPCACHE_TOKEN: 'of-nobody' } }),
  '5': () => run(...copy, '--server', 'http://127.0.0.1:1'),
  '6': async () => {
    expect(await run(...copy)).toMatchObject({ status: 0 })
    const blobs = sandbox.path('data/blobs-v1')
    for (const name of await readdir(blobs, { recursive: true })) {
      if (name.length > 30) await writeFile(join(blobs, name), 'HELLO', { flag: 'r+' })
    }
    return await run(...copy)
  },
  '7': () => run('upload', 'large.bin', '--op', 'copy', '-o', 'x'),
  '8': () => run('upload', 'a.txt', '--op', 'linger', '-o', 'x', '--timeout', '0.1'),
  '130': () => stopped('SIGINT'),
  '143': () => stopped('SIGTERM'),
}

test.each(Object.entries(CASES))('%s is what the command ends with', async (status, ends) => {
  const ended = await ends()
  expect(ended, JSON.stringify(ended)).toMatchObject({ status: Number(status) })
})

test('every documented status has its case, but for that of bugs', () => {
  const documented = EXIT_MEANINGS.flatMap(([statuses]) => statuses.split(', '))
  expect(Object.keys(CASES)).toEqual(documented.filter(status => status !== '70'))
})

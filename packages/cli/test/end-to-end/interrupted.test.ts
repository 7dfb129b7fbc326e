import { once } from 'node:events'
import { appendFile, readdir, readFile, rm, stat } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { type RunningCommand, Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('big.bin', randomBytes(24 * 2 ** 20, 'interrupted'))
})
afterEach(() => sandbox[Symbol.asyncDispose]())

const NOTES = '../home/.local/state/opcache/runs'

describe('opcache resume', () => {
  test.each<NodeJS.Signals>(['SIGINT', 'SIGKILL'])('goes on with what %s ended', async signal => {
    await stopped(['upload', 'big.bin', '--op', 'copy', '-o', 'out.bin', '--salt', 'mine'], signal)
    expect(await sandbox.json(['ls', '--state', 'interrupted'])).toMatchObject([
      { state: 'INTERRUPTED', source: 'big.bin', operation: 'copy' },
    ])
    const resumed = await sandbox.run(['resume'])
    expect(resumed, resumed.stderr).toMatchObject({ status: 0 })
    expect(resumed.stderr).toMatch(/^big\.bin -> out\.bin \(/)
    expect((await sandbox.read('out.bin')).equals(await sandbox.read('big.bin'))).toBe(true)
    expect(await sandbox.run(['resume'])).toMatchObject({ status: 0, stderr: 'Nothing was interrupted.\n' })
  })

  test('says which sources changed, and which are gone', async () => {
    await sandbox.write('gone.bin', randomBytes(24 * 2 ** 20, 'gone'))
    await stopped(['upload', 'big.bin', 'gone.bin', '--op', 'copy', '-o', '{name}.{op}'], 'SIGINT')
    await appendFile(sandbox.path('big.bin'), 'more')
    await rm(sandbox.path('gone.bin'))
    const resumed = await sandbox.run(['resume'])
    expect(resumed.status).toBe(2)
    expect(resumed.stderr).toContain('big.bin changed since')
    expect(resumed.stderr).toContain('gone.bin is gone. [source-gone]')
    expect((await stat(sandbox.path('big.copy'))).size).toBe(24 * 2 ** 20 + 4)
    expect((await sandbox.run(['resume', '--forget'])).stderr).toBe('1 interrupted run is forgotten.\n')
  })

  test('is the command that an interruption of several files prints, once', async () => {
    await sandbox.write('next.bin', 'its turn did not come')
    const ended = await stopped(
      ['upload', 'big.bin', 'next.bin', '--op', 'copy', '-o', '{name}.{op}'],
      'SIGINT',
    )
    expect(ended.status).toBe(130)
    expect(String(ended.stdout).match(/Run `opcache resume`/g)).toHaveLength(1)
    expect(await sandbox.run(['resume'])).toMatchObject({ status: 0 })
    expect(String(await sandbox.read('next.copy'))).toBe('its turn did not come')
  })
})

describe('notes', () => {
  test('hold no secrets, are for their user only, and forget parameters of what is done', async () => {
    const args = ['upload', 'big.bin', '--op', 'copy', '--salt', 'a-word-of-mine']
    await sandbox.run(args, { env: { OPCACHE_TOKEN: 'very-secret-token' } })
    const [name] = await readdir(sandbox.path(NOTES))
    const path = sandbox.path(`${NOTES}/${name}`)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    const text = await readFile(path, 'utf8')
    expect(text).not.toMatch(/very-secret-token|a-word-of-mine/)
    expect(JSON.parse(text)).toMatchObject({ state: 'done', source: 'big.bin', output: 'big.copy' })
  })

  test('stay a thousand at most, however many commands write them', async () => {
    const words = Array.from({ length: 700 }, (_, index) => `none-${index}.txt`)
    const runs = ['a', 'b'].map(salt =>
      sandbox.run([
        'upload',
        ...words,
        '--op',
        'copy',
        '--salt',
        salt,
        '-o',
        '{name}.{salt}'.replace('salt', 'op'),
        '-q',
      ]),
    )
    for (const { status } of await Promise.all(runs)) expect(status).toBe(2)
    const names = await readdir(sandbox.path(NOTES))
    expect(names.length).toBeLessThanOrEqual(1_000)
    for (const name of names) JSON.parse(await readFile(sandbox.path(`${NOTES}/${name}`), 'utf8'))
  })
})

/** Starts an upload that would take a minute, and ends it once it has sent something. */
async function stopped(args: readonly string[], signal: NodeJS.Signals): ReturnType<Sandbox['run']> {
  const command: RunningCommand = sandbox.start(['--json-stream', '--limit-rate', '400k', ...args])
  let told = ''
  while (!told.includes('"uploading"')) {
    const [chunk] = await Promise.race([
      once(command.process.stdout!, 'data'),
      command.ended.then(() => ['']),
    ])
    if (chunk === '') break
    told += String(chunk)
  }
  expect(told).toContain('"uploading"')
  command.process.kill(signal)
  return command.ended
}

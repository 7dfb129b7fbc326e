import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { appendFile, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { offerHeld } from '../held-operation.js'
import { randomBytes } from '../random-bytes.js'
import { type Ended, type RunningCommand, Sandbox } from '../sandbox.js'
import { serve } from '../served.js'

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
    expect(resumed.stderr).toMatch(/^big\.bin -> out\.bin \(/m)
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
    expect(resumed.stderr).toMatch(/^2 files: 0 hits, 1 miss, 1 failed; .* s$/m)
    expect(await sandbox.run(['resume', '--forget', 'big.bin'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Nothing of big.bin was interrupted.'),
    })
    expect((await sandbox.run(['resume', '--forget', 'gone.bin'])).stderr).toBe(
      '1 interrupted run is forgotten.\n',
    )
  })

  test('takes a file by its path from any folder, or a key, and leaves the others', async () => {
    await mkdir(sandbox.path('below'))
    await stopped(['upload', 'big.bin', '--op', 'copy', '-o', 'a.out'], 'SIGINT')
    await stopped(['upload', 'big.bin', '--op', 'copy', '-o', 'b.out', '--salt', 'b'], 'SIGINT')
    await sandbox.write('other.bin', randomBytes(24 * 2 ** 20, 'other'))
    await stopped(['upload', 'other.bin', '--op', 'copy', '-o', 'c.out'], 'SIGINT')
    const left = await sandbox.json(['ls', '--state', 'interrupted'])
    const { key } = left.find(({ source }) => source === 'other.bin')!
    expect(await sandbox.run(['resume', String(key)])).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^other\.bin -> c\.out /m),
    })
    const ended = await sandbox.shell('cd below && opcache resume ../big.bin')
    expect(ended, ended.stderr).toMatchObject({ status: 0 })
    expect(ended.stderr).toMatch(/^2 files: /m)
    expect((await sandbox.run(['resume'])).stderr).toBe('Nothing was interrupted.\n')
  })

  test('that is interrupted tells programs of each run, also of those that did not begin', async () => {
    for (const salt of ['a', 'b', 'c']) {
      await stopped(['upload', 'big.bin', '--op', 'copy', '-o', salt, '--salt', salt], 'SIGINT')
    }
    const ended = await stopped(['resume'], 'SIGTERM')
    expect(ended.status).toBe(143)
    const events = String(ended.stdout)
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const errors = events.filter(({ event }) => event === 'error')
    expect(errors.map(({ error }) => error.code)).toEqual(['interrupted', 'interrupted', 'interrupted'])
    expect(events.at(-1)).toMatchObject({ event: 'summary', left: 3 })
    expect(await sandbox.json(['ls', '--state', 'interrupted'])).toHaveLength(3)
  })

  test('is the command that an interruption of several files prints', async () => {
    await sandbox.write('next.bin', 'its turn did not come')
    const ended = await stopped(
      ['upload', 'big.bin', 'next.bin', '--op', 'copy', '-o', '{name}.{op}'],
      'SIGINT',
    )
    expect(ended.status).toBe(130)
    expect(String(ended.stdout)).toContain('Run `opcache resume`: it goes on with what is not done.')
    expect(await sandbox.run(['resume'])).toMatchObject({ status: 0 })
    expect(String(await sandbox.read('next.copy'))).toBe('its turn did not come')
  })
})

describe('the command that an interruption prints', () => {
  const pasted = (told: Ended) => {
    const { message, advice, exitStatus } = JSON.parse(String(told.stdout).trim().split('\n').at(-1)!).error
    expect({ message, exitStatus }).toEqual({ message: 'Stopped by SIGTERM.', exitStatus: 143 })
    return sandbox.shell(/`(opcache .*)`/s.exec(advice)![1]!)
  }

  test('goes on when it is pasted into a shell, whatever the names are', async () => {
    const source = '-it\'s "a" $(name) `of` a\n file.bin'
    await sandbox.write(source, randomBytes(24 * 2 ** 20, 'named'))
    const args = ['upload', '--op', 'copy', '-o', 'an $output.bin', '--limit-rate', '4M', '--json-stream']
    const told = await stopped([...args, '--', source], 'SIGTERM', /"sentBytes":[1-9]/)
    const { stdout } = await pasted(told)
    const events = String(stdout)
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const last = events.at(-1)
    expect(last).toMatchObject({ event: 'result', source, output: 'an $output.bin' })
    // Blocks that had arrived before are not sent again.
    expect(last.uploadedBlocks).toBeLessThan(24)
    expect((await sandbox.read('an $output.bin')).equals(await sandbox.read(source))).toBe(true)
  })

  test('is the one for the entry where the same command would begin anew', async () => {
    const held = await offerHeld(sandbox)
    const server = await serve(sandbox, ['--port', '0', '--config', 'opcache.config.mjs'])
    const args = ['upload', 'big.bin', '--op', 'held', '--unique', '-o', 'big.out']
    const told = await stopped(
      [...args, '--server', server.url, '--limit-rate', '1G'],
      'SIGTERM',
      /"processing"/,
    )
    await held.letGo()
    expect((await pasted(told)).stderr).toMatch(/^big\.out \(/m)
    expect((await sandbox.read('big.out')).equals(await sandbox.read('big.bin'))).toBe(true)
    server.command.process.kill('SIGTERM')
    await server.command.ended
  })
})

describe('an interruption of several sources', () => {
  const args = ['upload', 'big.bin', 'one.txt', 'two.txt', '--op', 'copy', '-o', '{name}.{op}']

  test('is told once to people', async () => {
    const command = sandbox.start([...args, '--jobs', '2', '--limit-rate', '100k'])
    while (!existsSync(sandbox.path(NOTES)) || (await readdir(sandbox.path(NOTES))).length < 3) {
      await new Promise(done => setTimeout(done, 20))
    }
    command.process.kill('SIGTERM')
    const { status, stderr } = await command.ended
    expect(status).toBe(143)
    expect(stderr).toContain('opcache: Stopped by SIGTERM. [interrupted]\n  Run `opcache resume`: ')
    expect(stderr.match(/interrupted/g)).toHaveLength(1)
    expect(stderr).toMatch(/^3 files: .*[123] left;.*\n$/m)
  })

  test('is told of each source to programs', async () => {
    const { stdout } = await stopped(args, 'SIGTERM')
    const events = String(stdout)
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    const errors = events.filter(({ event }) => event === 'error')
    expect(errors.map(({ source }) => source)).toEqual(['big.bin', 'one.txt', 'two.txt'])
    expect(events.at(-1)).toMatchObject({ event: 'summary', failed: 0, left: 3 })
  })

  test('is none when a reader has seen enough', async () => {
    const script = 'set -o pipefail; opcache upload big.bin --op copy -o - | head -c 1 > one.byte'
    expect(await sandbox.shell(script)).toMatchObject({ status: 0, stderr: '' })
    expect((await sandbox.run(['resume'])).stderr).toBe('Nothing was interrupted.\n')
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

  test('that cannot be written keep no run from being done', async () => {
    await sandbox.write('no-folder', '')
    const env = { XDG_STATE_HOME: sandbox.path('no-folder') }
    const ended = await sandbox.run(['upload', 'no-folder', '--op', 'copy', '-o', 'noted.out'], { env })
    expect(ended, ended.stderr).toMatchObject({ status: 0 })
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

/** Starts an upload that would take a minute, and ends it once it has said so much of itself. */
async function stopped(
  args: readonly string[],
  signal: NodeJS.Signals,
  until = /"uploading"/,
): ReturnType<Sandbox['run']> {
  const command: RunningCommand = sandbox.start(['--json-stream', '--limit-rate', '400k', ...args])
  let told = ''
  while (!until.test(told)) {
    const [chunk] = await Promise.race([
      once(command.process.stdout!, 'data'),
      command.ended.then(() => ['']),
    ])
    if (chunk === '') break
    told += String(chunk)
  }
  expect(told).toMatch(until)
  command.process.kill(signal)
  return command.ended
}

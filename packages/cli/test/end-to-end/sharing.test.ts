import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

describe('several commands on one cache folder', () => {
  test('run the operation once for the same file at the same time', async () => {
    const bytes = randomBytes(6 * 2 ** 20 + 5, 'shared')
    await sandbox.write('shared.bin', bytes)
    const args = (name: string) => ['upload', 'shared.bin', '--op', 'copy', '-o', name]
    const tellings = await Promise.all(['1', '2', '3', '4'].map(name => sandbox.json(args(name))))
    const told = tellings.flat()
    expect(told.map(one => one.error)).toEqual([undefined, undefined, undefined, undefined])
    expect(told.filter(one => one.served === 'miss')).toHaveLength(1)
    for (const name of ['1', '2', '3', '4']) expect((await sandbox.read(name)).equals(bytes)).toBe(true)
    expect(await sandbox.json(['status', String(told[0]?.key)])).toMatchObject([
      { state: 'COMPLETE', attempt: 1 },
    ])
  })

  test('killed in the middle of an upload, the same command completes', async () => {
    const bytes = randomBytes(24 * 2 ** 20, 'killed')
    await sandbox.write('killed.bin', bytes)
    const args = ['upload', 'killed.bin', '--op', 'copy', '-o', 'killed.out']
    const cache = sandbox.path('../home/cache')
    const before = await diskBytes(cache)
    // So slow that it is killed before its end.
    const command = sandbox.start([...args, '--limit-rate', '400k'])
    while ((await diskBytes(cache)) < before + 2 ** 20) await new Promise(done => setTimeout(done, 2))
    command.process.kill('SIGKILL')
    expect(await command.ended).toMatchObject({ signal: 'SIGKILL' })

    const [told] = await sandbox.json(args)
    expect(told).toMatchObject({ output: 'killed.out', content: { size: bytes.length } })
    expect((await sandbox.read('killed.out')).equals(bytes)).toBe(true)
    expect((await readdir(sandbox.path('.'))).filter(name => name.endsWith('.part'))).toEqual([])
  })
})

/** Bytes that the files below a folder take up; holes do not count. */
async function diskBytes(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(
    names.map(name =>
      stat(join(folder, name))
        .then(({ blocks }) => blocks * 512)
        .catch(() => 0),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

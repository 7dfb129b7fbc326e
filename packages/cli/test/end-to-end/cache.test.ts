import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { offerHeld } from '../held-operation.js'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeEach(async () => {
  sandbox = await Sandbox.make()
})
afterEach(() => sandbox[Symbol.asyncDispose]())

const size = async () => (await sandbox.json(['cache', 'size']))[0]

describe('opcache cache', () => {
  test('does not make a cache to tell that there is none', async () => {
    expect(await size()).toEqual({ bytes: 0, contents: 0, entries: 0 })
    expect(String((await sandbox.run(['cache', 'path'])).stdout)).toBe(
      `${sandbox.env.XDG_CACHE_HOME}/opcache\n`,
    )
  })

  test('prunes the least recently used first, and what it forgot is made anew', async () => {
    for (const name of ['old', 'young']) {
      await sandbox.write(name, randomBytes(2 ** 20, name))
      await sandbox.run(['upload', name, '--op', 'copy', '-o', `${name}.out`])
    }
    // Source and result are one content.
    expect(await size()).toEqual({ bytes: 2 ** 21, contents: 2, entries: 2 })
    const [freed] = await sandbox.json(['cache', 'prune', '--max-size', '1.5M'])
    expect(freed).toEqual({ freedBytes: 2 ** 20, contents: 1, entries: 1 })
    const served = async (name: string) =>
      (await sandbox.json(['upload', name, '--op', 'copy', '-o', `${name}.again`]))[0]!.served
    expect(await served('young')).toBe('hit')
    expect(await served('old')).toBe('miss')
    expect(await sandbox.json(['cache', 'prune', '--older-than', '1d'])).toMatchObject([{ freedBytes: 0 }])
    expect(await sandbox.json(['cache', 'prune', '--older-than', '0s'])).toMatchObject([
      { freedBytes: 2 ** 21 },
    ])
  })

  test('is cleared only with --yes where nobody can be asked', async () => {
    await sandbox.write('file', 'some bytes')
    await sandbox.run(['upload', 'file', '--op', 'gzip'])
    expect(await sandbox.run(['cache', 'clear'])).toMatchObject({ status: 2 })
    expect((await size())!.entries).toBe(1)
    expect(await sandbox.run(['cache', 'clear', '--yes'])).toMatchObject({ status: 0 })
    expect(await size()).toEqual({ bytes: 0, contents: 0, entries: 0 })
  })

  test('harms no operation that runs', async () => {
    const source = randomBytes(4 * 2 ** 20, 'running')
    await sandbox.write('file', source)
    const held = await offerHeld(sandbox)
    const running = sandbox.start(['upload', 'file', '--op', 'held', '-o', 'out', '--json-stream'])
    let told = ''
    running.process.stdout!.on('data', chunk => {
      told += String(chunk)
    })
    // The test's own time limit ends the wait.
    await vi.waitUntil(() => told.includes('"processing"'), { timeout: 500_000 })
    expect(await sandbox.json(['cache', 'clear', '--yes'])).toMatchObject([{ freedBytes: 0 }])
    await held.letGo()
    expect(await running.ended).toMatchObject({ status: 0 })
    expect((await sandbox.read('out')).equals(source)).toBe(true)
  })

  test('tells what is damaged, and makes it anew', async () => {
    await sandbox.write('file', randomBytes(2 ** 20, 'damaged'))
    await sandbox.run(['upload', 'file', '--op', 'copy', '-o', 'first'])
    expect(await sandbox.run(['cache', 'verify'])).toMatchObject({ status: 0 })
    const folder = `${sandbox.env.XDG_CACHE_HOME}/opcache/blobs-v1`
    for (const name of await readdir(folder, { recursive: true })) {
      if (name.length > 30) await writeFile(join(folder, name), 'damaged', { flag: 'r+' })
    }
    const found = await sandbox.run(['cache', 'verify'])
    expect(found.status).toBe(6)
    expect(String(found.stdout)).toContain('1 damaged block(s), missing now')
    expect(await sandbox.json(['cache', 'verify'])).toMatchObject([{ contents: 1, damaged: [] }])
    expect(await sandbox.run(['upload', 'file', '--op', 'copy', '-o', 'again'])).toMatchObject({ status: 0 })
    expect(await sandbox.json(['cache', 'verify'])).toMatchObject([{ contents: 1, bytes: 2 ** 20 }])
  })

  test('keeps no more than it may', async () => {
    const env = { OPCACHE_CACHE_MAX_SIZE: '7M' }
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await sandbox.write(name, randomBytes(10 ** 6, name))
      expect(await sandbox.run(['upload', name, '--op', 'gzip', '-o', `${name}.gz`], { env })).toMatchObject({
        status: 0,
      })
      expect((await size())!.bytes).toBeLessThanOrEqual(7e6)
    }
  })

  test('wants to know what is to go', async () => {
    expect(await sandbox.run(['cache', 'prune'])).toMatchObject({ status: 2 })
    expect(await sandbox.run(['cache', 'prune', '--max-size', 'big'])).toMatchObject({ status: 2 })
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

describe('opcache hash --check', () => {
  test('tells which files are what they were', async () => {
    const names = ['plain.txt', 'two\nlines', 'back\\slash', ' space ']
    for (const name of names) await sandbox.write(name, `of ${name}`)
    const list = (await sandbox.run(['hash', ...names])).stdout
    expect(String(list).trimEnd().split('\n')).toHaveLength(names.length)
    expect(String(list)).toMatch(/^\\[0-9a-f]{64} {2}two\\nlines$/m)
    await sandbox.write('ids.txt', list)
    expect(await sandbox.run(['hash', '--check', 'ids.txt'])).toMatchObject({ status: 0, stderr: '' })

    await sandbox.write('plain.txt', 'changed')
    const checked = await sandbox.run(['hash', '-c', 'ids.txt'])
    expect(checked).toMatchObject({ status: 6, stderr: expect.stringContaining('[checksum-mismatch]') })
    expect(String(checked.stdout)).toContain('plain.txt: FAILED\n\\two\\nlines: OK\n')
    const quiet = await sandbox.run(['hash', '-c', '-q', '-'], { stdin: list })
    expect(String(quiet.stdout)).toBe('plain.txt: FAILED\n')
  })

  test('refuses what is no list', async () => {
    await sandbox.write('none.txt', 'no list')
    expect(await sandbox.run(['hash', '--check', 'none.txt'])).toMatchObject({ status: 2 })
  })
})

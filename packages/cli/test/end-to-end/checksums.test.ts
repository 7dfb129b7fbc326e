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
    for (const list of ['', '\n\n']) {
      expect(await sandbox.run(['hash', '--check', '-'], { stdin: list })).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('The list stdin is empty. [usage]'),
      })
    }
  })

  test('a list that cannot be read keeps no other from being checked', async () => {
    await sandbox.write('one.txt', 'one')
    await sandbox.write('one.ids', (await sandbox.run(['hash', 'one.txt'])).stdout)
    const checked = await sandbox.run(['hash', '--check', 'not-there.ids', 'one.ids'])
    expect(checked).toMatchObject({ status: 2, stdout: Buffer.from('one.txt: OK\n') })
    expect(checked.stderr).toContain('The list not-there.ids cannot be read (ENOENT). [usage]')
  })

  test('a line that is none, and a file that is gone, keep no other from being checked', async () => {
    await sandbox.write('here.txt', 'here')
    const [line] = String((await sandbox.run(['hash', 'here.txt'])).stdout).split('\n')
    await sandbox.write('mixed.txt', `${line}\nno list\n\n${'0'.repeat(64)}  gone.txt\n${line}\n`)
    const checked = await sandbox.run(['hash', '--check', 'mixed.txt'])
    expect(String(checked.stdout)).toBe('here.txt: OK\ngone.txt: FAILED (source-not-found)\nhere.txt: OK\n')
    expect(checked.status).toBe(2)
    expect(checked.stderr).toContain('Line 2 of mixed.txt is no content id with a file name. [usage]')
    expect(checked.stderr).toContain('1 file is not what the list says. [checksum-mismatch]')
  })
})

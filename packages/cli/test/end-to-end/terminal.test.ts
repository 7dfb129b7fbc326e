import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inTerminal, typeAfter } from '../in-terminal.js'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
/** Of an entry that there is. */
let key: string
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('small.txt', 'of a few words')
  const [done] = await sandbox.json([
    'upload',
    'small.txt',
    '--op',
    'gzip',
    '-p',
    'level=9',
    '-o',
    'packed.gz',
  ])
  key = String(done?.key)
  await sandbox.write('big.bin', randomBytes(24 * 2 ** 20, 'terminal'))
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const shownOf = (args: readonly string[], columns?: number, env?: Record<string, string>) =>
  inTerminal(sandbox, args, columns, env).ended

describe.skipIf(process.platform === 'win32')('in a terminal', () => {
  test('progress is drawn while work goes on, and taken away in the end', async () => {
    // So slowly that there is time for more than one frame.
    const args = ['upload', 'big.bin', '--op', 'copy', '--limit-rate', '25M']
    const { status, shown, screen } = await shownOf(args)
    expect(status, shown).toBe(0)
    expect(shown).toContain('big.bin: hashing')
    expect(shown).toMatch(/big\.bin: downloading [#-]{10} \d+%/)
    expect(screen).toEqual([expect.stringMatching(/^big\.bin -> big\.copy \(miss, 25\.2 MB uploaded/)])
    expect(isCursorShown(shown)).toBe(true)
  })

  test('nothing is drawn where a line has no width, or with --quiet', async () => {
    const args = ['upload', 'big.bin', '--op', 'copy', '--force']
    expect(await shownOf([...args, '--quiet'])).toEqual({ status: 0, shown: '', screen: [] })
    expect((await shownOf(args, 0)).shown).toMatch(/^big\.bin -> big\.copy \([^)]*\)\r\n$/)
  })

  test('a dumb terminal is sent no control codes, and one without colors none of colors', async () => {
    const args = ['upload', 'big.bin', 'no.bin', '--op', 'copy', '--force']
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    const [control, color] = [/\u001b/, /\u001b\[[0-9;]*m/]
    const dumb = await shownOf(args, 100, { TERM: 'dumb' })
    expect(dumb.shown).toContain('There is no file no.bin.')
    expect(dumb.shown).not.toMatch(control)
    for (const [extra, env] of [
      [['--no-color'], {}],
      [[], { NO_COLOR: '1' }],
    ] as const) {
      const plain = await shownOf([...args, ...extra], 100, env)
      expect(plain.shown).toMatch(control)
      expect(plain.shown).not.toMatch(color)
    }
    expect((await shownOf(args)).shown).toMatch(color)
  })

  test.each([40, 80, 200])('help, operations and errors break no word within %i columns', async columns => {
    const lines: string[] = []
    for (const args of [
      ['upload', '--help'],
      ['help', 'keys'],
      ['ops', 'copy'],
      ['status', 'no key'],
    ]) {
      const { shown } = await shownOf(args, columns, { NO_COLOR: '1' })
      lines.push(...shown.split('\r\n'))
    }
    expect(brokenLines(lines, columns)).toEqual([])
    expect(lines.join('\n')).toMatchSnapshot()
  })

  test.each([40, 80, 200])('entries and settings break no word within %i columns', async columns => {
    for (const args of [
      ['status', key],
      ['upload', 'small.txt', '--op', 'gzip', '-p', 'level=9', '--explain'],
      ['config', 'list', '--show-origin', '--connections', '4'],
      ['ls'],
    ]) {
      const { status, screen } = await shownOf(args, columns)
      expect(status).toBe(0)
      expect(screen.join('\n')).toContain(args.includes('list') ? '(--connections)' : key)
      expect(brokenLines(screen, columns)).toEqual([])
    }
  })

  test.each([40, 80, 200])('several files at a time have a line each, within %i columns', async columns => {
    const sources = ['one', 'two', 'three'].map(
      name => `a-name-that-is-too-long-for-a-small-terminal-${name}.bin`,
    )
    for (const name of sources) await sandbox.write(name, randomBytes(8 * 2 ** 20, `${name} ${columns}`))
    const args = [
      'upload',
      ...sources,
      'no.bin',
      '--op',
      'copy',
      '-o',
      `${columns}/{name}.{op}`,
      '--jobs',
      '3',
      // So slowly that there is time for more than one frame.
      '--limit-rate',
      '25M',
    ]
    const { status, shown, screen } = await shownOf(args, columns)
    expect(status, shown).toBe(2)
    // How many are done by the first frame is nobody's promise.
    expect(shown).toMatch(/[#-]{10} [0-3] of 4 done/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control codes are what is drawn with
    const drawn = shown.split(/[\r\n]+|\u001b\[[0-9;?]*[a-zA-Z]/).filter(line => /^ {2}a-n/.test(line))
    expect(drawn.length).toBeGreaterThan(0)
    expect(Math.max(...drawn.map(({ length }) => length))).toBeLessThan(columns)
    // What is told stands whole, and nothing of what was drawn stays between.
    const told = [
      ...sources.map(name => expect.stringMatching(new RegExp(`^${name} -> .* s\\)$`))),
      'opcache: There is no file no.bin. [source-not-found]',
      '  Check the path.',
    ]
    const unbroken = screen
      .join('\n')
      .replace(/\n +(?! |Check)/g, ' ')
      .split('\n')
    expect(unbroken.slice(0, -1)).toEqual(expect.arrayContaining(told))
    expect(unbroken).toHaveLength(told.length + 1)
    expect(unbroken.at(-1)).toMatch(/^4 files: 0 hits, 3 misses, 1 failed; 25\.2 MB uploaded.* s$/)
    expect(isCursorShown(shown)).toBe(true)
  })

  test.each([
    ['\u0003', 130, 'Nothing was cleared.'],
    ['n\r', 2, 'Answer y, or add --yes.'],
    ['y\r', 0, /freed/],
  ])('clearing the cache asks, and %j is an answer', async (keys, status, told) => {
    // A dumb terminal knows no control codes, and a question needs none.
    const args = ['cache', 'clear', '--cache-dir', 'unused']
    const { terminal, ended } = inTerminal(sandbox, args, 100, { TERM: 'dumb' })
    await typeAfter(terminal, '[y/N]', keys)
    const { status: endedWith, screen, shown } = await ended
    expect(endedWith).toBe(status)
    expect(shown).not.toContain('\u001b')
    expect(screen[0]).toMatch(/^Forget everything in .*unused\? \[y\/N\] ?(\^C|[yn])?$/)
    expect(screen.at(-1)).toMatch(told)
    expect(screen.join()).not.toContain('goes on')
  })

  test('Ctrl-C stops, leaves the cursor shown, and tells how to go on', async () => {
    const { terminal, ended } = inTerminal(sandbox, ['upload', '-', '--op', 'copy', '-o', 'stopped.out'])
    // Its socket is there: the command waits for stdin, or is about to.
    while (!(await readdir(sandbox.path('../tmp'))).some(name => name.startsWith('opcache-'))) {
      await new Promise(done => setTimeout(done, 5))
    }
    terminal.write('\u0003')
    const { status, shown } = await ended
    expect(status).toBe(130)
    expect(shown).toContain('[interrupted]')
    expect(isCursorShown(shown)).toBe(true)
  })
})

/** Lines that a terminal breaks; a command line is there to be copied, and a word may be longer than a line. */
function brokenLines(lines: readonly string[], columns: number): string[] {
  const isWhole = (line: string) => /opcache (upload|[^ ]*`$)|^ *[^ ]*$/.test(line)
  return lines.filter(line => line.length > columns && !isWhole(line))
}

function isCursorShown(shown: string): boolean {
  return shown.lastIndexOf('\u001b[?25h') >= shown.lastIndexOf('\u001b[?25l')
}

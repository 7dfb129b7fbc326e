import { readdir } from 'node:fs/promises'
import { type IPty, spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { MAIN, Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('big.bin', randomBytes(24 * 2 ** 20, 'terminal'))
})
afterAll(() => sandbox[Symbol.asyncDispose]())

interface Shown {
  status: number
  /** All that was written to the terminal. */
  shown: string
  /** The lines that stay on its screen. */
  screen: string[]
}

const END = '<end>'

/** Starts the built command in a terminal of its own. */
function inTerminal(
  args: readonly string[],
  columns = 100,
  env: Record<string, string> = {},
): { terminal: IPty; ended: Promise<Shown> } {
  // A terminal that is closed may lose what was written last, so it stays open until all of it was read. Ctrl-C is for the
  // command alone.
  const script = `stty cols ${columns}; trap : INT; "$@"; status=$?; printf '${END}'; read _; exit $status`
  const terminal = spawn('/bin/sh', ['-c', script, 'sh', process.execPath, MAIN, ...args], {
    cwd: sandbox.path('.'),
    env: { ...sandbox.env, PATH: process.env.PATH ?? '', TERM: 'xterm', ...env },
  })
  let all = ''
  terminal.onData(data => {
    all += data
    if (all.endsWith(END)) terminal.write('\r')
  })
  const ended = new Promise<Shown>(resolve =>
    terminal.onExit(async ({ exitCode }) => {
      const shown = all.slice(0, all.lastIndexOf(END))
      resolve({ status: exitCode, shown, screen: await screenOf(shown, columns) })
    }),
  )
  return { terminal, ended }
}

/** What a person sees in the end. */
async function screenOf(shown: string, columns: number): Promise<string[]> {
  const emulator = new xterm.Terminal({ cols: Math.max(2, columns), rows: 24, allowProposedApi: true })
  await new Promise<void>(resolve => emulator.write(shown, resolve))
  const { active } = emulator.buffer
  const lines: string[] = []
  for (let y = 0; y < active.length; y++) {
    const line = active.getLine(y)!
    const text = line.translateToString(true)
    if (line.isWrapped) lines[lines.length - 1] += text
    else lines.push(text)
  }
  while (lines.at(-1) === '') lines.pop()
  return lines
}

describe.skipIf(process.platform === 'win32')('in a terminal', () => {
  test('progress is drawn while work goes on, and taken away in the end', async () => {
    const { status, shown, screen } = await inTerminal(['upload', 'big.bin', '--op', 'copy']).ended
    expect(status, shown).toBe(0)
    expect(shown).toContain('big.bin: hashing')
    expect(shown).toMatch(/big\.bin: downloading [#-]{10} \d+%/)
    expect(screen).toEqual([expect.stringMatching(/^big\.bin -> big\.copy \(miss, 25\.2 MB uploaded/)])
    expect(isCursorShown(shown)).toBe(true)
  })

  test('nothing is drawn where a line has no width, or with --quiet', async () => {
    const args = ['upload', 'big.bin', '--op', 'copy', '--force']
    expect(await inTerminal([...args, '--quiet']).ended).toEqual({ status: 0, shown: '', screen: [] })
    expect((await inTerminal(args, 0).ended).shown).toMatch(/^big\.bin -> big\.copy \([^)]*\)\r\n$/)
  })

  test('a dumb terminal is sent no control codes, and one without colors none of colors', async () => {
    const args = ['upload', 'big.bin', 'no.bin', '--op', 'copy', '--force']
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    const [control, color] = [/\u001b/, /\u001b\[[0-9;]*m/]
    const dumb = await inTerminal(args, 100, { TERM: 'dumb' }).ended
    expect(dumb.shown).toContain('There is no file no.bin.')
    expect(dumb.shown).not.toMatch(control)
    for (const [extra, env] of [
      [['--no-color'], {}],
      [[], { NO_COLOR: '1' }],
    ] as const) {
      const plain = await inTerminal([...args, ...extra], 100, env).ended
      expect(plain.shown).toMatch(control)
      expect(plain.shown).not.toMatch(color)
    }
    expect((await inTerminal(args).ended).shown).toMatch(color)
  })

  test.each([40, 80, 200])('help, operations and errors break no word within %i columns', async columns => {
    const lines: string[] = []
    for (const args of [
      ['upload', '--help'],
      ['help', 'keys'],
      ['ops', 'copy'],
      ['status', 'no key'],
    ]) {
      const { shown } = await inTerminal(args, columns, { NO_COLOR: '1' }).ended
      lines.push(...shown.split('\r\n'))
    }
    // A command line is there to be copied, and a word may be longer than a line.
    const isWhole = (line: string) => /opcache (upload|[^ ]*`$)|^ *[^ ]*$/.test(line)
    expect(lines.filter(line => line.length > columns && !isWhole(line))).toEqual([])
    expect(lines.join('\n')).toMatchSnapshot()
  })

  test.each([40, 80, 200])('several files at a time have a line each, within %i columns', async columns => {
    const sources = ['one', 'two', 'three'].map(
      name => `a-name-that-is-too-long-for-a-small-terminal-${name}.bin`,
    )
    // Large enough to take longer than the time between two frames.
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
    ]
    const { status, shown, screen } = await inTerminal(args, columns).ended
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
    const { terminal, ended } = inTerminal(['cache', 'clear', '--cache-dir', 'unused'], 100, { TERM: 'dumb' })
    await new Promise<void>(resolve => terminal.onData(data => data.includes('[y/N]') && resolve()))
    terminal.write(keys)
    const { status: endedWith, screen, shown } = await ended
    expect(endedWith).toBe(status)
    expect(shown).not.toContain('\u001b')
    expect(screen[0]).toMatch(/^Forget everything in .*unused\? \[y\/N\] ?(\^C|[yn])?$/)
    expect(screen.at(-1)).toMatch(told)
    expect(screen.join()).not.toContain('goes on')
  })

  test('Ctrl-C stops, leaves the cursor shown, and tells how to go on', async () => {
    const { terminal, ended } = inTerminal(['upload', '-', '--op', 'copy', '-o', 'stopped.out'])
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

function isCursorShown(shown: string): boolean {
  return shown.lastIndexOf('\u001b[?25h') >= shown.lastIndexOf('\u001b[?25l')
}

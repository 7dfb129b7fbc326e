import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { randomBytes } from '../random-bytes.js'
import { Sandbox } from '../sandbox.js'

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('big.bin', randomBytes(24 * 2 ** 20, 'terminal'))
})
afterAll(() => sandbox[Symbol.asyncDispose]())

/** Runs the built command in a terminal of its own; `during` sees what is shown as it comes. */
function inTerminal(
  args: readonly string[],
  {
    cols = 100,
    during = () => undefined,
  }: { cols?: number; during?: (shown: string, press: (keys: string) => void) => void } = {},
): Promise<{ status: number; shown: string }> {
  const terminal = spawn(process.execPath, [MAIN, ...args], {
    cols,
    rows: 30,
    cwd: sandbox.path('.'),
    env: { ...sandbox.env, PATH: process.env.PATH ?? '', TERM: 'xterm' },
  })
  let shown = ''
  terminal.onData(data => {
    shown += data
    during(shown, keys => terminal.write(keys))
  })
  return new Promise(resolve => terminal.onExit(({ exitCode }) => resolve({ status: exitCode, shown })))
}

/** The last line that stays on the screen. */
function lastLine(shown: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the control codes
  const plain = shown.replace(/\u001b\[[\d;?]*[A-Za-z]|\u001b[78]/g, '')
  return (
    plain
      .trimEnd()
      .split(/[\r\n]+/)
      .at(-1) ?? ''
  )
}

describe('in a terminal', () => {
  test('progress is drawn while work goes on, and taken away in the end', async () => {
    const { status, shown } = await inTerminal(['upload', 'big.bin', '--op', 'copy'])
    expect(status, shown).toBe(0)
    expect(shown).toContain('big.bin: hashing')
    expect(shown).toContain('big.bin: downloading')
    expect(shown).toMatch(/100%/)
    expect(lastLine(shown)).toMatch(/big\.bin -> big\.copy \(miss, 25\.2 MB uploaded/)
    // The cursor is shown again.
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThan(shown.lastIndexOf('\u001b[?25l'))
  })

  test('nothing is drawn where a line has no width, or with --quiet', async () => {
    const quiet = await inTerminal(['upload', 'big.bin', '--op', 'copy', '-o', 'quiet.out', '--quiet'])
    expect(quiet).toEqual({ status: 0, shown: '' })
    const narrow = await inTerminal(['upload', 'big.bin', '--op', 'copy', '-o', 'narrow.out'], { cols: 0 })
    expect(narrow.shown).toMatch(/^big\.bin -> narrow\.out \(hit, [^)]*\)\r\n$/)
  })

  test('Ctrl-C stops, shows the cursor again, and tells how to go on', async () => {
    let isPressed = false
    const { status, shown } = await inTerminal(['upload', '-', '--op', 'copy', '-o', 'stopped.out'], {
      during: (_shown, press) => {
        if (!isPressed) press('\u0003')
        isPressed = true
      },
    })
    expect(status).toBe(130)
    expect(shown).toContain('[interrupted]')
    expect(shown.lastIndexOf('\u001b[?25h')).toBeGreaterThanOrEqual(shown.lastIndexOf('\u001b[?25l'))
  })
})

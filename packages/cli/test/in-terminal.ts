import { type IPty, spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { MAIN, type Sandbox } from './sandbox.js'

/** How a command ended in a terminal. */
export interface Shown {
  status: number
  /** All that was written to the terminal. */
  shown: string
  /** The lines that stay on its screen. */
  screen: string[]
}

/** A command that runs in a terminal of its own. */
export interface InTerminal {
  readonly terminal: IPty
  readonly ended: Promise<Shown>
}

const END = '<end>'

/** Starts the built command in a terminal. */
export function inTerminal(
  sandbox: Sandbox,
  args: readonly string[],
  columns = 100,
  env: Readonly<Record<string, string>> = {},
): InTerminal {
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

/** Types keys once a terminal shows a text. */
export async function typeAfter(terminal: IPty, text: string, keys: string): Promise<void> {
  let shown = ''
  await new Promise<void>(resolve =>
    terminal.onData(data => {
      shown += data
      if (shown.includes(text)) resolve()
    }),
  )
  terminal.write(keys)
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

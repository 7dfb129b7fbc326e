import { spawnSync } from 'node:child_process'
import { type IPty, spawn } from '@lydell/node-pty'
import xterm from '@xterm/headless'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Sandbox } from '../sandbox.js'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await Sandbox.make()
  await sandbox.write('a-file.txt', 'hello')
  await sandbox.makeProgram()
})
afterAll(() => sandbox[Symbol.asyncDispose]())

const PROMPT = '> '
const TAB = '\t'
const KILL_LINE = '\u0015'

/** How each shell is started, and what it is told before anything is completed. */
const SHELLS: Readonly<Record<string, readonly [args: readonly string[], setup: string]>> = {
  bash: [['--norc', '--noprofile', '-i'], `PS1='${PROMPT}'; source <(opcache completion bash)`],
  zsh: [
    ['-f', '-i'],
    `PS1='${PROMPT}'; autoload -Uz compinit; compinit -D -u; source <(opcache completion zsh)`,
  ],
  fish: [
    ['--no-config', '-i'],
    `function fish_prompt; echo -n '${PROMPT}'; end; function fish_right_prompt; end; opcache completion fish | source`,
  ],
}

for (const [shell, [args, setup]] of Object.entries(SHELLS)) {
  const isThere = spawnSync(shell, ['--version']).status === 0
  if (!isThere) console.warn(`${shell} is not installed: its TAB key is not tested.`)
  describe.skipIf(!isThere)(`the TAB key in ${shell} (where it is installed)`, () => {
    let typed: TypedShell
    beforeAll(async () => {
      typed = new TypedShell(shell, args)
      typed.type(`${setup}\r`)
      await typed.shows(PROMPT)
    })
    afterAll(() => typed.end())

    test.each([
      ['opcache upl', 'opcache upload '],
      ['opcache config uns', 'opcache config unset '],
      ['opcache upload --only', 'opcache upload --only-if-cached '],
      ['opcache upload x --op gz', 'opcache upload x --op gzip '],
      ['opcache upload x --op=gz', 'opcache upload x --op=gzip '],
      ['opcache upload x --op gzip -p ', 'opcache upload x --op gzip -p level='],
      ['opcache upload x --op convert -p to=png', 'opcache upload x --op convert -p to=png '],
      ['opcache upload x --op convert --then resi', 'opcache upload x --op convert --then resize '],
      ['opcache upload --op gzip a-fi', 'opcache upload --op gzip a-file.txt '],
    ])('after %j', async (keys, completed) => {
      typed.type(`${keys}${TAB}`)
      await typed.shows(`${PROMPT}${completed}`)
      typed.type(KILL_LINE)
      await typed.shows(PROMPT)
    })
  })
}

/** A shell in a terminal of its own. */
class TypedShell {
  readonly #terminal: IPty
  readonly #emulator = new xterm.Terminal({ cols: 120, rows: 24, allowProposedApi: true })

  constructor(shell: string, args: readonly string[]) {
    this.#terminal = spawn(shell, [...args], {
      cwd: sandbox.path('.'),
      env: { ...sandbox.env, PATH: `${sandbox.path('.')}:${process.env.PATH}`, TERM: 'xterm' },
      cols: 120,
      rows: 24,
    })
    this.#terminal.onData(data => this.#emulator.write(data))
    // Shells ask what terminal this is.
    this.#emulator.onData(answer => this.#terminal.write(answer))
  }

  type(keys: string): void {
    this.#terminal.write(keys)
  }

  /** Waits until this is what stands before the cursor; what a shell suggests stands behind it. */
  shows(line: string): Promise<void> {
    const beforeCursor = () => {
      const { active } = this.#emulator.buffer
      return active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX)
    }
    return vi.waitFor(() => expect(beforeCursor()).toBe(line), { timeout: 500_000, interval: 20 })
  }

  end(): void {
    this.#terminal.kill('SIGKILL')
  }
}

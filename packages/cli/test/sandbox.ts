import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The built command. */
export const MAIN = fileURLToPath(new URL('../dist/main.cjs', import.meta.url))

/** How a command ended. */
export interface Ended {
  status: number | null
  signal: NodeJS.Signals | null
  stdout: Buffer
  stderr: string
}

export interface CommandOptions {
  stdin?: Uint8Array | string
  /** Keeps stdin open without a byte. */
  isStdinOpen?: boolean
  env?: Record<string, string>
  /** A file that stdout goes to. */
  stdoutPath?: string
}

/** A command that runs. */
export interface RunningCommand {
  readonly process: ChildProcess
  readonly ended: Promise<Ended>
}

/** A home of its own: nothing of the machine's caches and settings is seen or touched. */
export class Sandbox implements AsyncDisposable {
  private constructor(readonly folder: string) {}

  static async make(): Promise<Sandbox> {
    const sandbox = new Sandbox(await mkdtemp(join(tmpdir(), 'opcache-cli-')))
    for (const name of ['home', 'work', 'tmp']) await mkdir(join(sandbox.folder, name))
    return sandbox
  }

  /** Path of a file in the working folder. */
  path(name: string): string {
    return join(this.folder, 'work', name)
  }

  async write(name: string, bytes: Uint8Array | string): Promise<string> {
    await writeFile(this.path(name), bytes)
    return name
  }

  read(name: string): Promise<Buffer> {
    return readFile(this.path(name))
  }

  /** Runs the built command until it ends. */
  run(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
    return this.start(args, options).ended
  }

  /** Starts the built command. */
  start(
    args: readonly string[],
    { stdin, isStdinOpen, env = {}, stdoutPath }: CommandOptions = {},
  ): RunningCommand {
    const stdout = stdoutPath === undefined ? ('pipe' as const) : openSync(stdoutPath, 'w')
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: join(this.folder, 'work'),
      env: { PATH: process.env.PATH ?? '', ...this.env, ...env },
      stdio: ['pipe', stdout, 'pipe'],
    })
    if (typeof stdout === 'number') closeSync(stdout)
    // A command that fails early does not read its input.
    child.stdin?.on('error', () => undefined)
    if (stdin !== undefined) child.stdin?.end(stdin)
    else if (!isStdinOpen) child.stdin?.end()
    return { process: child, ended: collect(child) }
  }

  /** Puts a program `opcache` into the working folder, for what looks for one in the path, and lets it know the operations. */
  async makeProgram(): Promise<void> {
    const program = this.path('opcache')
    await writeFile(program, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`, { mode: 0o755 })
    await this.run(['ops'])
  }

  /** Runs a script in bash, where `opcache` is the built command. */
  shell(script: string): Promise<Ended> {
    const program = `opcache() { '${process.execPath}' '${MAIN}' "$@"; }`
    const child = spawn('bash', ['-c', `${program}\n${script}`], {
      cwd: join(this.folder, 'work'),
      env: { PATH: process.env.PATH ?? '', ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return collect(child)
  }

  /** The JSON objects that a command with `--json` printed. */
  async json(args: readonly string[], options: CommandOptions = {}): Promise<Record<string, unknown>[]> {
    const { stdout } = await this.run(['--json', ...args], options)
    const lines = stdout.toString().split('\n')
    return lines.filter(line => line !== '').map(line => JSON.parse(line))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Where the command finds its home. */
  get env(): Record<string, string> {
    const home = join(this.folder, 'home')
    return {
      HOME: home,
      XDG_CACHE_HOME: join(home, 'cache'),
      XDG_CONFIG_HOME: join(home, 'config'),
      XDG_DATA_HOME: join(home, 'data'),
      TMPDIR: join(this.folder, 'tmp'),
      // What Node keeps of the program is no trace of what the command did.
      NODE_DISABLE_COMPILE_CACHE: '1',
    }
  }
}

function collect(child: ChildProcess): Promise<Ended> {
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout?.on('data', chunk => out.push(chunk))
  child.stderr?.on('data', chunk => err.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status, signal) => {
      resolve({ status, signal, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() })
    })
  })
}

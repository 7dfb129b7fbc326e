import type { Socket } from 'node:net'
import { constants } from 'node:os'
import { basename } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AttemptLostError } from '../execution/attempt-lost-error.js'
import { ATTEMPT_VARIABLE } from '../execution/isolated/process-tree.js'
import { ReplacedText } from '../execution/replaced-text.js'
import { TextTail } from '../execution/text-tail.js'
import { findTool } from '../operations/find-tool.js'
import { OperationError } from '../operations/operation-error.js'
import { MissingToolError } from './missing-tool-error.js'

/** How much of the end of stderr stands in the message of a failure. */
const STDERR_CHARACTERS = 1000

/** By which the system ends who writes a file beyond its limit. */
const LIMIT_SIGNAL = 'SIGXFSZ'

/** By which tools end that met an error of their own: what made them do so does it again. */
const CRASH_SIGNALS = ['SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSEGV', 'SIGSYS', 'SIGTRAP'] as const

/** How shells tell that a signal ended what they ran: 128 and its number. Many tools are started by a shell script. */
const SHELL_SIGNALS = new Map<number | undefined, string>(
  (['SIGKILL', LIMIT_SIGNAL, ...CRASH_SIGNALS] as const).map(name => [128 + constants.signals[name], name]),
)

/** A run of a command-line tool. */
export interface ToolRun {
  /** Name of the tool and its arguments; no shell reads them. */
  readonly command: readonly string[]
  /** Its working folder, home and place for temporary files. */
  readonly folder: string
  /** What it reads; nothing by default. */
  readonly stdin?: Readable | undefined
  /** Where its stdout goes; to the log by default. */
  readonly stdout?: Writable | undefined
  /** Largest file that it may write, in bytes. */
  readonly outputBytes: number
  /** Memory of each process in bytes. */
  readonly memoryBytes: number
  /** Gets what it prints, as it comes. */
  appendLog(text: string): void
}

/** How a tool ended that ended well. */
export interface ToolEnd {
  /** The end of what it wrote to stderr. */
  readonly said: string
  /** How much it wrote to stdout. */
  readonly stdoutBytes: number
}

/**
 * Runs a tool in the process group of this process, with a clean environment, and waits for its end. Memory and sizes
 * of files are bounded where the system has `prlimit` (util-linux).
 *
 * @throws MissingToolError; OperationError with the end of stderr when it ends with another status than 0, crashes or
 * wrote too much; AttemptLostError when somebody killed it.
 */
export async function runTool(run: ToolRun): Promise<ToolEnd> {
  const [called = '', ...args] = run.command
  const path = await findTool(called)
  if (path === undefined) throw new MissingToolError(called)
  const name = basename(called)
  const { execa } = await import('execa')
  const [file, ...prefix] = [...(await limiter(run)), path]
  const tool = execa(file!, [...prefix, ...args], {
    cwd: run.folder,
    env: toolEnvironment(run.folder),
    extendEnv: false,
    stdin: run.stdin === undefined ? 'ignore' : 'pipe',
    reject: false,
    buffer: false,
  })
  const tail = new TextTail(STDERR_CHARACTERS)
  const hear = (stream: Readable, tell: (text: string) => void) => {
    // Where the server keeps its files is nobody's business.
    const text = new ReplacedText(run.folder, '.')
    stream.setEncoding('utf8').on('data', (piece: string) => tell(text.next(piece)))
    stream.on('end', () => tell(text.end()))
  }
  hear(tool.stderr, text => {
    tail.append(text)
    run.appendLog(text)
  })
  const passing = run.stdout
    ? pipeline(tool.stdout, run.stdout, { end: false })
    : hear(tool.stdout, run.appendLog)
  // A tool need not read all of its input.
  if (run.stdin) void pipeline(run.stdin, tool.stdin!).catch(() => undefined)
  const [{ exitCode, originalMessage, ...ended }] = await Promise.all([tool, passing])
  const said = printable(tail.text)
  if (exitCode === 0) return { said, stdoutBytes: (tool.stdout as Socket).bytesRead }
  const words = said || 'it said nothing'
  const signal = ended.signal ?? SHELL_SIGNALS.get(exitCode)
  if (signal === LIMIT_SIGNAL) throw new OperationError(`${name} wrote more than ${run.outputBytes} bytes.`)
  if (CRASH_SIGNALS.some(name => name === signal)) {
    throw new OperationError(`${name} crashed (${signal}), as tools may that get no more memory: ${words}`)
  }
  if (signal !== undefined) throw new AttemptLostError(`${name} was killed by ${signal}: ${words}`)
  if (exitCode === undefined) throw new Error(`${name} could not be started: ${originalMessage}`)
  throw new OperationError(`${name} ended with exit status ${exitCode}: ${words}`)
}

/** What a tool printed, without what is no text. */
function printable(text: string): string {
  return text.replace(/(?:[^\P{C}\s]|\ufffd)+/gu, '\ufffd').trim()
}

/** Nothing of the server's environment but where programs are, and to which attempt the tool belongs. */
function toolEnvironment(folder: string): Record<string, string> {
  const { PATH = '', [ATTEMPT_VARIABLE]: attempt } = process.env
  return {
    PATH,
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    ...(attempt === undefined ? {} : { [ATTEMPT_VARIABLE]: attempt }),
  }
}

/** The command that sets limits and then becomes the tool. */
async function limiter({ memoryBytes, outputBytes }: ToolRun): Promise<string[]> {
  const prlimit = await findTool('prlimit')
  if (prlimit === undefined) return []
  const limit = (bytes: number) => (Number.isFinite(bytes) ? Math.floor(bytes) : 'unlimited')
  return [prlimit, `--data=${limit(memoryBytes)}`, `--fsize=${limit(outputBytes)}`, '--core=0', '--']
}

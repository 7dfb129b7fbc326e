import { constants } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AttemptLostError } from '../execution/attempt-lost-error.js'
import { ATTEMPT_VARIABLE } from '../execution/isolated/process-tree.js'
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

/**
 * Runs a tool in the process group of this process, with a clean environment, and waits for its end. Memory and sizes
 * of files are bounded where the system has `prlimit` (util-linux). Answers the end of its stderr.
 *
 * @throws MissingToolError; OperationError with the end of stderr when it ends with another status than 0, crashes or
 * wrote too much; AttemptLostError when somebody killed it.
 */
export async function runTool(run: ToolRun): Promise<string> {
  const [name = '', ...args] = run.command
  const path = await findTool(name)
  if (path === undefined) throw new MissingToolError(name)
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
  // Where the server keeps its files is nobody's business.
  const log = (text: string) => run.appendLog(text.replaceAll(`${run.folder}/`, ''))
  tool.stderr.setEncoding('utf8').on('data', (text: string) => {
    tail.append(text)
    log(text)
  })
  const passing = run.stdout
    ? pipeline(tool.stdout, run.stdout, { end: false })
    : void tool.stdout.setEncoding('utf8').on('data', log)
  // A tool need not read all of its input.
  if (run.stdin) void pipeline(run.stdin, tool.stdin!).catch(() => undefined)
  const [{ exitCode, originalMessage, ...ended }] = await Promise.all([tool, passing])
  const said = printable(tail.text.replaceAll(`${run.folder}/`, ''))
  if (exitCode === 0) return said
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

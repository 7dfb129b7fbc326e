import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Params } from '@opcache/protocol'
import type { Result } from 'execa'
import { modulePath } from '../../operations/module-path.js'
import type { ApartOperation, OperationContext, OperationOutcome } from '../../operations/operation.js'
import { OperationError } from '../../operations/operation-error.js'
import { withToolPath } from '../../operations/tool-path.js'
import { AttemptLostError } from '../attempt-lost-error.js'
import type { AttemptSource } from '../attempt-source.js'
import { TextTail } from '../text-tail.js'
import type { AttemptBounds } from './attempt-bounds.js'
import { ATTEMPT_VARIABLE, killGroup, killTree } from './process-tree.js'
import { RUNNER_DESCRIPTORS } from './runner-descriptors.js'
import type { FromRunner, RunnerInput, RunnerTask, ToRunner } from './runner-messages.js'
import { outOfMemory, watchTree } from './tree-watch.js'

/** The built runner, also when this file runs from its source. */
const runnerPath = () => createRequire(import.meta.url).resolve('#runner')

/** How much of what a runner prints last is kept to explain its death. */
const PRINTED_CHARACTERS = 1500

/** What the server gives an isolated attempt beside what every operation gets. */
export interface IsolatedContext extends OperationContext<Params> {
  readonly input: AttemptSource
  readonly bounds: AttemptBounds
  /** Adds to the attempt's log, as it comes. */
  appendLog(text: string): void
}

/**
 * Runs an operation in a process of its own, the first of a group of its own. Its output comes through a pipe, what it
 * prints goes to the log; whatever happens to the process ends this attempt only, and whatever ends the attempt ends
 * the whole group.
 *
 * @throws OperationError when the operation threw one or took too much; AttemptLostError when its process died; Error
 * when it threw something else.
 */
export async function runIsolated(
  operation: ApartOperation,
  context: IsolatedContext,
): Promise<OperationOutcome> {
  const { execa } = await import('execa')
  const { bounds, signal } = context
  const folder = await context.folder()
  const request: ToRunner = {
    task: taskOf(operation),
    input: await inputOf(context.input),
    folder,
    params: context.params,
    bounds,
  }
  signal.throwIfAborted()
  const attempt = randomUUID()
  const heap = `--max-old-space-size=${Math.ceil(bounds.memoryBytes / 2 ** 20)}`
  // Not as execa starts scripts of Node: that puts the folder of Node in front of the server's path to tools.
  const runner = execa(process.execPath, [heap, runnerPath()], {
    ipc: true,
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe', 'pipe', 'pipe'],
    reject: false,
    // What comes is passed on as it comes; execa would keep it, and kill the process when that grows too large.
    buffer: false,
    // A group of its own, which is killed as one; its guard does so when this process dies.
    detached: true,
    cleanup: false,
    cwd: folder,
    env: { TMPDIR: folder, [ATTEMPT_VARIABLE]: attempt },
  })
  const marks = runner.pid === undefined ? undefined : { leader: runner.pid, attempt }
  let stopped: { readonly error: unknown } | undefined
  let killing: Promise<void> = Promise.resolve()
  const stop = (error: unknown) => {
    stopped ??= { error }
    if (marks) killing = killTree(marks)
  }
  const cancel = () => stop(signal.reason)
  signal.addEventListener('abort', cancel, { once: true })
  const unwatch = marks && watchTree(marks, bounds, stop)
  let ending: FromRunner | undefined
  runner.on('message', (message: unknown) => {
    try {
      const told = message as FromRunner | null
      if (told?.kind === 'progress') context.progress(told.progress)
      else if (told?.kind === 'time') context.limitTime(told.timeoutMs)
      else if (told?.kind === 'done' || told?.kind === 'failed') ending = told
    } catch (error) {
      stop(error)
    }
  })
  const printed = new TextTail(PRINTED_CHARACTERS)
  runner.stdout.setEncoding('utf8').on('data', context.appendLog)
  runner.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.append(text)
    context.appendLog(text)
  })
  // The guard's pipe carries nothing: its end is the message.
  const guard = (runner.stdio as readonly unknown[])[RUNNER_DESCRIPTORS.guard] as Writable
  guard.on('error', () => undefined)
  try {
    const passing = pipeline(runner.stdio[RUNNER_DESCRIPTORS.output] as Readable, context.output, {
      end: false,
    })
    feed(context.input, (runner.stdio as readonly unknown[])[RUNNER_DESCRIPTORS.input] as Writable, stop)
    // Its death before the message explains itself by how it ended.
    void runner.sendMessage(request as never).catch(() => undefined)
    await Promise.all([passing, runner])
  } catch (error) {
    stop(error)
  } finally {
    signal.removeEventListener('abort', cancel)
    unwatch?.()
    if (marks && ending?.kind === 'done') killGroup(marks.leader)
    else if (marks) killing = killTree(marks)
    await killing
  }
  if (stopped) throw stopped.error
  const outcome = outcomeOf(operation, ending, await runner, printed.text, bounds)
  // The runner has made sure that there is a result; it may be empty on purpose.
  context.output.end()
  return outcome
}

/** A file, or a pipe where the source is still coming. */
async function inputOf(source: AttemptSource): Promise<RunnerInput> {
  return source.isStored ? { kind: 'file', path: await source.path() } : { kind: 'pipe', size: source.size }
}

/** Sends a source that is still coming. A part of it must not look like the whole: its failure stops the attempt. */
function feed(source: AttemptSource, pipe: Writable, stop: (error: unknown) => void): void {
  // Whoever does not read all of it may close it.
  pipe.on('error', () => undefined)
  if (source.isStored) {
    pipe.end()
    return
  }
  const bytes = source.stream()
  bytes.on('error', stop)
  pipe.once('close', () => bytes.destroy())
  bytes.pipe(pipe)
}

function taskOf(operation: ApartOperation): RunnerTask {
  if ('module' in operation) {
    const module = modulePath(operation.module, process.cwd())
    return { kind: 'module', module, operation: operation.name }
  }
  const { command, output, streaming } = operation
  return { kind: 'command', command: withToolPath(command, process.cwd()), output, streaming }
}

function outcomeOf(
  { name }: ApartOperation,
  ending: FromRunner | undefined,
  exit: Pick<Result, 'exitCode' | 'signal' | 'originalMessage'>,
  printed: string,
  { memoryBytes }: AttemptBounds,
): OperationOutcome {
  if (ending?.kind === 'done') return ending.outcome
  if (ending?.kind === 'failed') {
    const { message, because } = ending
    if (because === 'input') throw new OperationError(message)
    throw because === 'lost' ? new AttemptLostError(message) : new Error(message)
  }
  // What V8 says before it gives up.
  if (/heap out of memory/.test(printed)) throw outOfMemory(memoryBytes)
  const how =
    exit.signal !== undefined
      ? `was killed by ${exit.signal}`
      : exit.exitCode !== undefined
        ? `ended with exit code ${exit.exitCode}`
        : `could not be started: ${exit.originalMessage}`
  throw new AttemptLostError(`The process that ran "${name}" ${how}. ${printed}`.trim())
}

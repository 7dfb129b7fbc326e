/**
 * The process of one isolated attempt: it gets one message, runs the operation, writes the result's bytes to a pipe,
 * tells how it ended and ends. When its server dies, so does it.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { OperationInput, RunOperation } from '../../operations/operation.js'
import { isOperationError } from '../../operations/operation-error.js'
import { isAttemptLost } from '../attempt-lost-error.js'
import { NO_RESULT } from '../no-result.js'
import { thrownMessage, thrownPlace } from '../thrown-message.js'
import { closeInheritedFiles } from './inherited-files.js'
import { takeLowPriority } from './low-priority.js'
import { PipeInput } from './pipe-input.js'
import { killOwnDescendants, killOwnTree } from './process-tree.js'
import { RUNNER_DESCRIPTORS } from './runner-descriptors.js'
import type { FailureCause, FromRunner, RunnerTask, ToRunner } from './runner-messages.js'

closeInheritedFiles(Math.max(...Object.values(RUNNER_DESCRIPTORS)))
// The server answers first, whatever an operation takes.
takeLowPriority()
new Worker(new URL('./runner-guard.js', import.meta.url), { workerData: RUNNER_DESCRIPTORS.guard }).unref()

// Who cannot tell anything any more is over, with all that it started.
process.once('disconnect', killOwnTree)
// What an operation throws where nobody waits for it is a failure like everything else that it throws.
process.once('uncaughtException', fail)
process.once('message', message => {
  void run(message as ToRunner).then(end, fail)
})

function fail(error: unknown): Promise<void> {
  const because = causeOf(error)
  if (because === 'unknown') process.stderr.write(thrownPlace(error))
  return end({ kind: 'failed', message: thrownMessage(error), because })
}

/** Tells how it ended, and ends with all that was started. */
async function end(message: FromRunner): Promise<void> {
  await tell(message)
  await killOwnDescendants()
  process.exit(0)
}

async function run({ task, input, folder, params, bounds }: ToRunner): Promise<FromRunner> {
  const operate = await loadTask(task, bounds)
  const output = createWriteStream('', { fd: RUNNER_DESCRIPTORS.output })
  const outcome = await operate({
    input: input.kind === 'file' ? await fileInput(input.path) : new PipeInput(input.size, folder),
    output,
    params,
    progress: progress => void tell({ kind: 'progress', progress }),
    log: line => void process.stderr.write(`${line}\n`),
    folder: async () => folder,
    limitTime: timeoutMs => void tell({ kind: 'time', timeoutMs }),
    // Cancelling kills this process: there is nothing to abort from inside.
    signal: new AbortController().signal,
  })
  if (!output.writableEnded && output.bytesWritten + output.writableLength === 0) throw new Error(NO_RESULT)
  output.end()
  await finished(output)
  return { kind: 'done', outcome }
}

async function fileInput(path: string): Promise<OperationInput> {
  const { size } = await stat(path)
  return { size, stream: () => createReadStream(path), path: async () => path }
}

async function loadTask(task: RunnerTask, bounds: ToRunner['bounds']): Promise<RunOperation> {
  if (task.kind === 'command') {
    const { commandRun } = await import('../../command/command-run.js')
    return commandRun(task, bounds)
  }
  const module = (await import(pathToFileURL(task.module).href)) as { default: unknown }
  const exported = await module.default
  if (typeof exported === 'function') return exported as RunOperation
  const { operations } = (exported ?? {}) as { operations?: { name: string; run?: RunOperation }[] }
  const run = operations?.find(({ name }) => name === task.operation)?.run
  if (run) return run
  throw new Error(
    `The default export of ${task.module} is no function, and has no operation "${task.operation}".`,
  )
}

function causeOf(error: unknown): FailureCause {
  if (isOperationError(error)) return 'input'
  return isAttemptLost(error) ? 'lost' : 'unknown'
}

function tell(message: FromRunner): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}

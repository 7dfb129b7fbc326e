import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Params } from '@opcache/protocol'
import type { Result } from 'execa'
import type { IsolatedOperation, OperationContext, OperationOutcome } from '../operations/operation.js'
import { OperationError } from '../operations/operation-error.js'
import type { FromRunner, ToRunner } from './runner-messages.js'

/** The built runner, also when this file runs from its source. */
const runnerPath = () => createRequire(import.meta.url).resolve('#runner')

/** How much of what a runner prints last is kept to explain its death. */
const PRINTED_CHARACTERS = 1500

/**
 * Runs an operation in a process of its own. Its output comes through a pipe; whatever happens to the process ends this
 * attempt only.
 *
 * @throws OperationError when the operation threw one; Error when it threw something else or its process died.
 */
export async function runIsolated(
  operation: IsolatedOperation,
  context: OperationContext<Params>,
): Promise<OperationOutcome> {
  const { execaNode } = await import('execa')
  const request: ToRunner = {
    module: operation.module,
    path: await context.input.path(),
    params: context.params,
  }
  context.signal.throwIfAborted()
  // Whatever ends the attempt early ends the process.
  const stop = new AbortController()
  const runner = execaNode(runnerPath(), {
    ipc: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    reject: false,
    // What comes is passed on as it comes; execa would keep it, and kill the process when that grows too large.
    buffer: false,
    cancelSignal: AbortSignal.any([context.signal, stop.signal]),
    forceKillAfterDelay: 1000,
    nodeOptions: [],
  })
  let ending: FromRunner | undefined
  let broken: { readonly error: unknown } | undefined
  runner.on('message', (message: unknown) => {
    try {
      const told = message as FromRunner | null
      if (told?.kind === 'progress') context.progress(told.progress)
      else if (told?.kind === 'done' || told?.kind === 'failed') ending = told
    } catch (error) {
      broken ??= { error }
      stop.abort()
    }
  })
  let printed = ''
  runner.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-PRINTED_CHARACTERS)
  })
  try {
    const passing = pipeline(runner.stdio[4] as Readable, context.output, { end: false })
    // Its death before the message explains itself by how it ended.
    const sending = runner.sendMessage(request as never).catch(() => undefined)
    await Promise.all([passing, sending, runner])
  } finally {
    stop.abort()
  }
  context.signal.throwIfAborted()
  if (broken) throw broken.error
  return outcomeOf(operation, ending, await runner, printed)
}

function outcomeOf(
  operation: IsolatedOperation,
  ending: FromRunner | undefined,
  exit: Pick<Result, 'exitCode' | 'signal' | 'originalMessage'>,
  printed: string,
): OperationOutcome {
  if (ending?.kind === 'done') return ending.outcome
  if (ending?.kind === 'failed') {
    throw ending.isDeterministic ? new OperationError(ending.message) : new Error(ending.message)
  }
  const how =
    exit.signal !== undefined
      ? `was killed by ${exit.signal}`
      : exit.exitCode !== undefined
        ? `ended with exit code ${exit.exitCode}`
        : `could not be started: ${exit.originalMessage}`
  throw new Error(`The process that ran "${operation.name}" ${how}. ${printed}`.trim())
}

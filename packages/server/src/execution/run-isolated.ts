import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Params } from '@opcache/protocol'
import type { IsolatedOperation, OperationContext, OperationOutcome } from '../operations/operation.js'
import { OperationError } from '../operations/operation-error.js'
import type { FromRunner, ToRunner } from './runner-messages.js'

/** The built runner, also when this file runs from its source. */
const runnerPath = () => createRequire(import.meta.url).resolve('#runner')

/** How much of what a runner prints is kept to explain its death. */
const PRINTED_BYTES = 2000

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
  // Whatever ends the attempt early ends the process.
  const stop = new AbortController()
  const runner = execaNode(runnerPath(), {
    ipc: true,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    reject: false,
    maxBuffer: PRINTED_BYTES,
    cancelSignal: AbortSignal.any([context.signal, stop.signal]),
    forceKillAfterDelay: 1000,
    nodeOptions: [],
  })
  let ending: FromRunner | undefined
  runner.on('message', (message: unknown) => {
    const told = message as FromRunner
    if (told.kind === 'progress') context.progress(told.progress)
    else ending = told
  })
  const request: ToRunner = {
    module: operation.module,
    path: await context.input.path(),
    params: context.params,
  }
  await runner.sendMessage(request as never)
  try {
    const output = runner.stdio[4] as Readable
    await Promise.all([pipeline(output, context.output, { end: false }), runner])
  } finally {
    stop.abort()
  }
  context.signal.throwIfAborted()
  return outcomeOf(operation, ending, await runner)
}

function outcomeOf(
  operation: IsolatedOperation,
  ending: FromRunner | undefined,
  exit: { exitCode?: number; signal?: string; stderr?: unknown },
): OperationOutcome {
  if (ending?.kind === 'done') return ending.outcome
  if (ending?.kind === 'failed') {
    throw ending.isDeterministic ? new OperationError(ending.message) : new Error(ending.message)
  }
  const how = exit.signal ? `killed by ${exit.signal}` : `ended with exit code ${exit.exitCode}`
  const printed = String(exit.stderr ?? '').slice(-PRINTED_BYTES)
  throw new Error(`The process that ran "${operation.name}" was ${how}. ${printed}`.trim())
}

import { resolve } from 'node:path'
import type { OperationDocument } from '@opcache/protocol'
import type { RunOptions, RunResult } from '@opcache/sdk'
import { connect, type Session } from '../connection/connect.js'
import { usageError } from '../failure/command-error.js'
import { describeFailure } from '../failure/describe-failure.js'
import type { FailureContext } from '../failure/failure.js'
import { printStack } from '../failure/print-failure.js'
import {
  findOperation,
  type OperationRequest,
  parseParams,
  suggestParams,
  withTarget,
} from '../operation/operation-request.js'
import { deliver } from '../output/deliver.js'
import { assertReplaceable, type Destination, planDestination } from '../output/destination.js'
import { expectedExtension, outputPath } from '../output/output-name.js'
import { runReporter } from '../output/run-reporter.js'
import { ReaderGone } from '../output/standard-output.js'
import { Interrupted, interruptionSignal } from '../process/interruption.js'
import { openProgressView } from '../progress/open-progress-view.js'
import { type GlobalOptions, loadSettings } from '../settings/settings.js'
import { type EntryFlags, parseResource } from './entry-flags.js'

/** The options of `upload`, as they were typed. */
export interface UploadFlags extends GlobalOptions, EntryFlags {
  readonly output?: string
  readonly force?: boolean
  readonly unshared?: boolean
  readonly refresh?: boolean
  readonly onlyIfCached?: boolean
  /** Seconds. */
  readonly timeout?: number
}

/** What all sources of one command share. */
interface Job {
  readonly flags: UploadFlags
  readonly session: Session
  readonly document: OperationDocument
  readonly request: OperationRequest
  readonly destination: Destination
  readonly runOptions: RunOptions
  readonly signal: AbortSignal
}

/** `opcache upload`: runs an operation on each source. Answers the exit status: that of the first failure. */
export async function upload(sources: readonly string[], flags: UploadFlags): Promise<number> {
  const reporter = runReporter(flags)
  const signal = interruptionSignal()
  let job: Job
  try {
    job = await prepare(sources, flags, signal)
  } catch (error) {
    return reporter.failedAll(sources, error)
  }
  await using _session = job.session
  let status = 0
  for (const source of sources) {
    const context = { source, operation: flags.op, isEmbedded: job.session.isEmbedded }
    try {
      await runOne(source, job, context, reporter.done)
    } catch (error) {
      if (error instanceof ReaderGone) return status
      printStack(error)
      const failure = await reporter.failed(source, describeFailure(error, context))
      status ||= failure.exitStatus
      if (error instanceof Interrupted) return failure.exitStatus
    }
  }
  return status
}

/** Finds what is wrong with the command before any work. */
async function prepare(sources: readonly string[], flags: UploadFlags, signal: AbortSignal): Promise<Job> {
  if (sources.filter(source => source === '-').length > 1) {
    throw usageError('Standard input (-) can be a source once only.', 'Leave the other - out.')
  }
  if (flags.unshared && (flags.resource !== undefined || flags.onlyIfCached)) {
    throw usageError(
      '--unshared uses a new key each time, so nothing can be found under it.',
      'Leave out --unshared, or --resource and --only-if-cached.',
    )
  }
  const { force = false, json = false, output } = flags
  const params = parseParams(flags.param ?? [])
  const resource = parseResource(flags.resource)
  const destination = await planDestination({
    output,
    results: sources.length,
    isPiped: sources.length === 1 && sources[0] === '-' && !process.stdout.isTTY,
    isJson: json,
    force,
  })
  await assertNamesFree(sources, flags.op, params, destination, force)
  const session = await connect(await loadSettings(flags))
  try {
    const capabilities = await session.firstContact(signal)
    const document = findOperation(flags.op, capabilities)
    const target = destination.kind === 'file' ? destination.path : undefined
    return {
      flags,
      session,
      document,
      request: { name: flags.op, params: withTarget(params, document, target) },
      destination,
      signal,
      runOptions: {
        salt: flags.salt,
        resource,
        user: flags.private ? capabilities.caller.user : undefined,
        unshared: flags.unshared,
        refresh: flags.refresh,
        onlyIfCached: flags.onlyIfCached,
        waitTimeoutMs: flags.timeout === undefined ? undefined : flags.timeout * 1000,
      },
    }
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/** Where the parameters foretell the names of the outputs, what is in their way is found now. */
async function assertNamesFree(
  sources: readonly string[],
  operation: string,
  params: OperationRequest['params'],
  destination: Destination,
  force: boolean,
): Promise<void> {
  const extension = expectedExtension(params)
  if (destination.kind !== 'folder' || extension === undefined) return
  const taken = new Map<string, string>()
  for (const source of sources.filter(source => source !== '-')) {
    const path = outputPath({ source, resultName: `_.${extension}`, operation, folder: destination.path })
    const other = taken.get(resolve(path))
    if (other !== undefined) {
      throw usageError(
        `The results of ${other} and ${source} would both be named ${path}.`,
        'Run them one by one with -o.',
      )
    }
    taken.set(resolve(path), source)
    // A single bad source must not keep the others from being done.
    if (sources.length === 1) await assertReplaceable(path, force)
  }
}

async function runOne(
  source: string,
  job: Job,
  context: FailureContextDraft,
  done: (told: { source: string; result: RunResult; output: string; durationMs: number }) => Promise<void>,
): Promise<void> {
  const { flags, session, request, destination, signal } = job
  const startedAt = performance.now()
  const view = await openProgressView(source === '-' ? 'stdin' : source, Boolean(flags.quiet || flags.json))
  const { onProgress } = view
  let output: string
  let result: RunResult
  try {
    result = await session.cache
      .run(source === '-' ? process.stdin : source, request, { ...job.runOptions, signal, onProgress })
      .catch(error => {
        context.suggestion =
          (error as { code?: string }).code === 'invalid-params'
            ? suggestParams(request.params, job.document)
            : undefined
        throw error
      })
    context.key = result.key
    context.isResultCached = true
    output = await deliver(result, {
      destination,
      source,
      operation: request.name,
      force: flags.force ?? false,
      signal,
      onProgress,
      beforeStandardOutput: view.clear.bind(view),
      onPath: path => {
        context.output = path
      },
    })
  } finally {
    view.clear()
  }
  await done({ source, result, output, durationMs: performance.now() - startedAt })
}

/** Filled in while the work goes on. */
type FailureContextDraft = { -readonly [key in keyof FailureContext]: FailureContext[key] }

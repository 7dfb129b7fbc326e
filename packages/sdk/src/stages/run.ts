import { BLOCK_BYTES, type EntryDocument, type ResultDocument } from '@opcache/protocol'
import type { Client } from '../client.js'
import type { DownloadTarget } from '../download/target.js'
import { NotCachedError } from '../errors/not-cached-error.js'
import type { OperationCall, RunOptions } from '../options.js'
import { checkOutput } from '../output/output-file.js'
import type { Source } from '../source/source.js'
import { type Call, callOf } from '../transport/call.js'
import { type EarlyBytes, FetchableResult } from './cached-result.js'
import type { Identified } from './identified.js'
import { identifyIn } from './identify.js'
import { type EntryPlan, planEntry } from './plan-entry.js'
import { isGone, runByStages, type StagedRun } from './run-by-stages.js'
import { fitsRunRequest, runInOneRequest } from './run-request.js'
import type { RunResult, UploadReport } from './run-result.js'
import { waitForEntry } from './wait-for-entry.js'

/** A run whose result is there to be fetched. */
interface FinishedRun extends UploadReport {
  readonly served: StagedRun['served']
  readonly result: ResultDocument
  readonly early?: EarlyBytes | undefined
}

/** The whole job: hashes, asks, uploads what is missing, waits and fetches. */
export async function run(
  client: Client,
  source: Source,
  operation: OperationCall,
  options: RunOptions,
): Promise<RunResult> {
  const call = callOf(options)
  if (options.output !== undefined) await checkOutput(options.output, options.force ?? false)
  const lazy = new LazySource(source, call)
  try {
    // A resource is named by the caller, so that a hit does not even read the source.
    const content = options.resource ? undefined : (await lazy.identify()).id
    const plan = await planEntry(client, call, content, operation, options)
    const finished = await finish(client, call, plan, lazy, options)
    const fetchable = await deliver(client, call, { ...plan, result: finished.result }, finished, options)
    call.progress.report({ phase: 'done', served: finished.served })
    return Object.assign(fetchable, {
      served: finished.served,
      content: lazy.content,
      path: options.output,
      uploadedBytes: finished.uploadedBytes,
      uploadedBlocks: finished.uploadedBlocks,
    })
  } finally {
    await lazy.close()
  }
}

/** A handle on the result, which is written to the output first where one is wanted. */
async function deliver(
  client: Client,
  call: Call,
  target: DownloadTarget,
  { early }: FinishedRun,
  { output, force = false }: RunOptions,
): Promise<FetchableResult> {
  try {
    if (output !== undefined) await new FetchableResult(client, target, early).writeTo(output, force, call)
  } finally {
    // Who comes back for the bytes later must not find a line that was left waiting.
    await early?.running?.close()
  }
  return new FetchableResult(client, target, { held: early?.held })
}

/** By one request where that can say everything and the body is one part at most, else stage by stage. */
async function finish(
  client: Client,
  call: Call,
  plan: EntryPlan,
  lazy: LazySource,
  options: RunOptions,
): Promise<FinishedRun> {
  if (fitsRunRequest(plan, options)) {
    const identified = await lazy.identify()
    if (await fitsOnePart(client, call, identified)) {
      const finished = await finishInOneRequest(client, call, plan, identified, options)
      if (finished) return finished
    }
  }
  const { entry, ...staged } = await runByStages(client, call, plan, () => lazy.identify(), options)
  return { ...staged, result: resultOf(entry) }
}

async function fitsOnePart(client: Client, call: Call, { size }: Identified): Promise<boolean> {
  // A block fits into any part, whatever the server prefers.
  return size <= BLOCK_BYTES || size <= (await client.capabilities(call)).partBlocks * BLOCK_BYTES
}

/** Undefined when the server forgot the entry again: it is to be opened anew then. */
async function finishInOneRequest(
  client: Client,
  call: Call,
  plan: EntryPlan,
  identified: Identified,
  { waitTimeoutMs }: RunOptions,
): Promise<FinishedRun | undefined> {
  const { result, ...answer } = await runInOneRequest(
    client.connection,
    call,
    plan,
    identified,
    waitTimeoutMs,
  )
  if (result) return { ...answer, result }
  try {
    const entry = await waitForEntry(client.connection, call, plan.key, waitTimeoutMs)
    return { ...answer, result: resultOf(entry) }
  } catch (error) {
    if (isGone(error)) return undefined
    throw error
  }
}

/** The result of a complete entry. */
export function resultOf(entry: EntryDocument): ResultDocument {
  if (!entry.result) throw new NotCachedError(entry.key)
  return entry.result
}

/** A source that is hashed when it is first needed, once. */
class LazySource {
  readonly #source: Source
  readonly #call: Call
  #identifying: Promise<Identified> | undefined
  #identified: Identified | undefined

  constructor(source: Source, call: Call) {
    this.#source = source
    this.#call = call
  }

  /** Id and size, where the source was read. */
  get content(): RunResult['content'] {
    return this.#identified && { id: this.#identified.id, size: this.#identified.size }
  }

  async identify(): Promise<Identified> {
    this.#identifying ??= identifyIn(this.#source, this.#call)
    this.#identified = await this.#identifying
    return this.#identified
  }

  async close(): Promise<void> {
    await this.#identified?.close()
  }
}

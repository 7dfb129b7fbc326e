import { BLOCK_BYTES, type EntryDocument, type ResultDocument } from '@opcache/protocol'
import type { Client } from '../client.js'
import type { DownloadTarget } from '../download/target.js'
import { type EntryPlan, planEntry } from '../entry/plan-entry.js'
import { NotCachedError } from '../errors/not-cached-error.js'
import type { Identified } from '../identify/identified.js'
import { LazySource } from '../identify/lazy-source.js'
import type { OperationCall, RunOptions } from '../options.js'
import { checkOutput } from '../output/output-file.js'
import type { Source } from '../source/source.js'
import { type Call, callOf } from '../transport/call.js'
import { type EarlyBytes, FetchableResult } from './cached-result.js'
import type { StagedRun } from './run-by-stages.js'
import { fitsRunRequest, runInOneRequest } from './run-request.js'
import type { RunResult, UploadReport } from './run-result.js'

/** A run whose result is there to be fetched. */
interface FinishedRun extends UploadReport {
  readonly served: StagedRun['served']
  readonly result: ResultDocument
  readonly early?: EarlyBytes | undefined
  /** The source, where it was not read before it was sent. */
  readonly content?: RunResult['content']
}

/** The whole job: hashes, asks, uploads what is missing, waits and fetches. `onOpened` is told when a stream's entry is open. */
export async function run(
  client: Client,
  source: Source,
  operation: OperationCall,
  options: RunOptions,
  onOpened?: (key: string) => void,
): Promise<RunResult> {
  const call = callOf(options)
  if (typeof options.output === 'string') await checkOutput(options.output, options.force ?? false)
  const lazy = new LazySource(source, call, client.identities)
  try {
    // A resource is named by the caller, so that a hit does not even read the source; a stream is read while it is sent.
    const isKnown = !options.resource && !options.stream
    const content = isKnown ? (await lazy.known()).id : undefined
    const plan = await planEntry(client, call, content, operation, options)
    const finished = await finish(client, call, plan, lazy, options, onOpened)
    const target = { ...plan, result: finished.result }
    const { fetchable, path } = await deliver(client, call, target, finished, options)
    call.progress.report({ phase: 'done', served: finished.served })
    return Object.assign(fetchable, {
      served: finished.served,
      content: finished.content ?? lazy.content,
      path,
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
): Promise<{ fetchable: FetchableResult; path: string | undefined }> {
  let path: string | undefined
  try {
    path = typeof output === 'function' ? await output(target.result, target.key) : output
    if (path !== undefined) await new FetchableResult(client, target, early).writeTo(path, force, call)
  } finally {
    // Who comes back for the bytes later must not find a line that was left waiting.
    await early?.running?.close()
  }
  return { fetchable: new FetchableResult(client, target, { held: early?.held }), path }
}

/** By one request where that can say everything and the body is one part at most, as a stream, or stage by stage. */
async function finish(
  client: Client,
  call: Call,
  plan: EntryPlan,
  lazy: LazySource,
  options: RunOptions,
  onOpened: ((key: string) => void) | undefined,
): Promise<FinishedRun> {
  if (options.stream) {
    const { runByStream } = await import('../beyond-hits.js')
    const streamed = await runByStream(client, call, plan, lazy.source, options, onOpened)
    if (streamed) return { ...streamed, result: resultOf(streamed.entry) }
  } else if (!lazy.isResult && fitsRunRequest(plan, options)) {
    const identified = await lazy.identify()
    if (await fitsOnePart(client, call, identified)) {
      const finished = await finishInOneRequest(client, call, plan, identified, options)
      if (finished) return finished
    }
  }
  const { runByStages } = await import('../beyond-hits.js')
  const { entry, ...staged } = await runByStages(client, call, plan, () => lazy.identify(), options)
  return { ...staged, result: resultOf(entry) }
}

async function fitsOnePart(client: Client, call: Call, { size }: Identified): Promise<boolean> {
  // A block fits into any part, whatever the server prefers.
  return size <= BLOCK_BYTES || size <= (await client.capabilities(call)).partBlocks * BLOCK_BYTES
}

/** Undefined when the body did not come through whole, or the server forgot the entry again: it goes by stages then. */
async function finishInOneRequest(
  client: Client,
  call: Call,
  plan: EntryPlan,
  identified: Identified,
  options: RunOptions,
): Promise<FinishedRun | undefined> {
  const ran = await runInOneRequest(client.connection, call, plan, identified, options)
  if (!ran) return undefined
  const { result, ...answer } = ran
  if (result) return { ...answer, result }
  const { isGone, waitForEntry } = await import('../beyond-hits.js')
  try {
    const entry = await waitForEntry(client.connection, call, plan.key, options.waitTimeoutMs)
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

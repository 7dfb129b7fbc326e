import { type EntryDocument, isStreamDocument, type Served, type StreamId } from '@opcache/protocol'
import type { Client } from '../client.js'
import { ask, refreshedAttempt } from '../entry/ask.js'
import type { EntryPlan } from '../entry/plan-entry.js'
import { completed, waitForEntry } from '../entry/wait-for-entry.js'
import { isRequestError } from '../errors/request-error.js'
import type { Identified } from '../identify/identified.js'
import type { RunOptions } from '../options.js'
import { readOnce } from '../source/read-once.js'
import { uploadStream } from '../streaming/upload-stream.js'
import type { Call } from '../transport/call.js'
import { uploadContent } from '../upload/upload-content.js'
import type { UploadReport } from './run-result.js'

/** How often an entry or its content may be gone before its result is there. */
export const REOPEN_LIMIT = 3

/** A run that came to its end. */
export interface StagedRun extends UploadReport {
  readonly entry: EntryDocument
  readonly served: Served
}

/**
 * Opens, uploads what is missing and waits. `identify` is called only when the source is needed.
 *
 * @throws NotCachedError, OperationFailedError, SourceChangedError, WaitTimeoutError
 */
export async function runByStages(
  client: Client,
  call: Call,
  plan: EntryPlan,
  identify: () => Promise<Identified>,
  options: RunOptions,
): Promise<StagedRun> {
  const refresh = await refreshedAttempt(client, call, plan, options)
  let sent: UploadReport = { uploadedBytes: 0, uploadedBlocks: 0 }
  let served: Served | undefined
  for (let reopened = 0; ; reopened++) {
    const entry = await askForSource(client, call, plan, identify, options, refresh)
    // A later open only joins what an earlier one of this call began.
    if (served !== 'miss') served = entry.served ?? 'joined'
    if (entry.state === 'COMPLETE' || entry.state === 'FAILED') {
      return { entry: completed(entry), served, ...sent }
    }
    try {
      if (entry.state === 'UPLOADING') {
        const report = await uploadSource(client, call, plan, await identify(), entry.source)
        sent = {
          uploadedBytes: sent.uploadedBytes + report.uploadedBytes,
          uploadedBlocks: sent.uploadedBlocks + report.uploadedBlocks,
        }
      }
      const done = await waitForEntry(client.connection, call, plan.key, options.waitTimeoutMs)
      return { entry: done, served, ...sent }
    } catch (error) {
      if (!isGone(error) || reopened >= REOPEN_LIMIT) throw error
    }
  }
}

/** Sends what the server lacks of a source, by its id or as blocks of a stream that others began. */
function uploadSource(
  client: Client,
  call: Call,
  { isPrivate }: EntryPlan,
  identified: Identified,
  known: EntryDocument['source'],
): Promise<UploadReport> {
  if (!known || !isStreamDocument(known)) return uploadContent(client, call, { identified, isPrivate, known })
  const { source } = identified
  return uploadStream(client, call, {
    stream: { id: known.id as StreamId, isPrivate },
    known,
    chunks: signal => readOnce({ kind: 'stored', source }, signal),
  })
}

/** Opens the entry, and tells it which content its source is where its descriptor does not. */
async function askForSource(
  client: Client,
  call: Call,
  plan: EntryPlan,
  identify: () => Promise<Identified>,
  options: RunOptions,
  refresh: number | undefined,
): Promise<EntryDocument> {
  const entry = await ask(client, call, plan, options, { source: undefined, refresh })
  if (entry.state !== 'UPLOADING' || plan.descriptor.content !== undefined) return entry
  // The first source stays, and a stream that others began may turn out to be this content.
  if (entry.source && isStreamDocument(entry.source)) return entry
  const { id } = await identify()
  const named = await ask(client, call, plan, options, { source: id, refresh })
  return { ...named, served: entry.served ?? 'joined' }
}

/** Whether the server forgot what this call was working on: to be opened again. */
export function isGone(error: unknown): boolean {
  return isRequestError(error) && (error.code === 'entry-not-found' || error.code === 'content-not-found')
}

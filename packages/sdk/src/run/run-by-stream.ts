import { randomUUID } from 'node:crypto'
import { type EntryDocument, isStreamDocument, type StreamDocument, type StreamId } from '@opcache/protocol'
import type { Client } from '../client.js'
import { ask, refreshedAttempt } from '../entry/ask.js'
import type { EntryPlan } from '../entry/plan-entry.js'
import { completed, waitForEntry } from '../entry/wait-for-entry.js'
import { isRequestError } from '../errors/request-error.js'
import { StreamLostError } from '../errors/stream-lost-error.js'
import type { RunOptions } from '../options.js'
import { locateSource } from '../source/locate-source.js'
import { readOnce } from '../source/read-once.js'
import type { Source } from '../source/source.js'
import { type StreamedUpload, uploadStream } from '../streaming/upload-stream.js'
import type { Call } from '../transport/call.js'
import { isGone, REOPEN_LIMIT, type StagedRun } from './run-by-stages.js'

/** A run whose source was uploaded while it was read, if it was read at all. */
export interface StreamedRun extends StagedRun {
  readonly content: Pick<StreamedUpload, 'id' | 'size'> | undefined
}

/**
 * Opens, uploads the source while it is read, seals it and waits. Undefined when the entry waits for a content that
 * others announced by its id: such a source has to be read before it is sent.
 *
 * @throws NotCachedError, OperationFailedError, StreamLostError, WaitTimeoutError
 */
export async function runByStream(
  client: Client,
  call: Call,
  plan: EntryPlan,
  source: Source,
  options: RunOptions,
  onOpened?: (key: string) => void,
): Promise<StreamedRun | undefined> {
  // Only a resource may be found without its source, so any other one is looked for before anything is begun.
  const located = plan.descriptor.resource ? undefined : await locateSource(source)
  const refresh = await refreshedAttempt(client, call, plan, options)
  const { entry, stream, known } = await openStream(client, call, plan, options, refresh)
  onOpened?.(plan.key)
  const served = entry.served ?? 'joined'
  const nothing = { uploadedBytes: 0, uploadedBlocks: 0, content: undefined }
  if (entry.state === 'COMPLETE' || entry.state === 'FAILED') {
    return { entry: completed(entry), served, ...nothing }
  }
  let sent: StreamedUpload | undefined
  if (entry.state === 'UPLOADING') {
    if (!stream) return undefined
    const feed = located ?? (await locateSource(source))
    const { isPrivate } = plan
    sent = await uploadStream(client, call, {
      stream: { id: stream, isPrivate },
      known,
      chunks: signal => readOnce(feed, signal),
    })
  }
  const done = await waitForResult(client, call, plan, options, sent)
  return sent
    ? { entry: done, served, ...sent, content: { id: sent.id, size: sent.size } }
    : { entry: done, served, ...nothing }
}

/** An opened entry, and the stream that is its source; undefined where the source is a content with an id. */
interface OpenedStream {
  readonly entry: EntryDocument
  readonly stream: StreamId | undefined
  /** What the server has of it, where an earlier call began it: to go on with it is the resuming of that call. */
  readonly known: StreamDocument | undefined
}

async function openStream(
  client: Client,
  call: Call,
  plan: EntryPlan,
  options: RunOptions,
  refresh: number | undefined,
): Promise<OpenedStream> {
  const minted = `u-${randomUUID()}` as StreamId
  const open = (source: StreamId | undefined) => ask(client, call, plan, options, { source, refresh })
  let entry = await open(plan.descriptor.resource ? undefined : minted)
  const { served } = entry
  if (entry.state === 'UPLOADING' && entry.source === null) {
    try {
      entry = await open(minted)
    } catch (error) {
      // Somebody else was faster, and the first source stays.
      if (!isRequestError(error) || error.code !== 'content-mismatch') throw error
      entry = await open(undefined)
    }
  }
  const opened = { ...entry, ...(served && { served }) }
  const { source } = entry
  if (source === null || source.id === minted) return { entry: opened, stream: minted, known: undefined }
  if (!isStreamDocument(source)) return { entry: opened, stream: undefined, known: undefined }
  return { entry: opened, stream: source.id as StreamId, known: source }
}

/** Waits; an entry that the server forgot meanwhile is opened again with the source that it has. */
async function waitForResult(
  client: Client,
  call: Call,
  plan: EntryPlan,
  options: RunOptions,
  sent: StreamedUpload | undefined,
): Promise<EntryDocument> {
  for (let reopened = 0; ; reopened++) {
    try {
      return await waitForEntry(client.connection, call, plan.key, options.waitTimeoutMs)
    } catch (error) {
      if (!isGone(error) || !sent || reopened >= REOPEN_LIMIT) throw error
      const entry = await ask(client, call, plan, options, { source: sent.id, refresh: undefined })
      if (entry.state === 'UPLOADING') throw new StreamLostError('It forgot the source and its entry.', error)
    }
  }
}

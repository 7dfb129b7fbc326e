import {
  type BlockRange,
  type ContentDocument,
  type EntryDocument,
  isStreamDocument,
} from '@opcache/protocol'
import type { Client } from '../client.js'
import { isRequestError } from '../errors/request-error.js'
import type { Identified } from '../identify/identified.js'
import type { UploadReport } from '../run/run-result.js'
import { Bell } from '../transport/bell.js'
import type { Call } from '../transport/call.js'
import { nextDelay } from '../transport/next-delay.js'
import { contentRequest, declareContent } from './contents.js'
import { PartQueue } from './part-queue.js'
import { fairShare } from './part-size.js'
import { planParts } from './plan-parts.js'
import { UploadLedger } from './upload-ledger.js'
import { type PartContext, type UploadRound, uploadPart } from './upload-part.js'
import { runWorkers } from './workers.js'

/** How often a content may be forgotten by the server while it is being uploaded. */
const REDECLARE_LIMIT = 3

/** What is to be uploaded. */
export interface ContentUpload {
  readonly identified: Identified
  readonly isPrivate: boolean
  /** The source that the server said the entry has. */
  readonly known: EntryDocument['source']
}

/** Sends what the server lacks of a content, until all of it is there, whoever sent it. @throws SourceChangedError */
export async function uploadContent(
  client: Client,
  call: Call,
  upload: ContentUpload,
): Promise<UploadReport> {
  const { identified, isPrivate } = upload
  const ledger = new UploadLedger(identified.size, call.progress)
  // A stream that somebody else sends is not this content yet.
  let known = upload.known && isStreamDocument(upload.known) ? null : upload.known
  const reader = await identified.source.open()
  try {
    for (let declared = 0; ; declared++) {
      try {
        known ??= await declareContent(client.connection, call, identified, isPrivate)
        const { connection, pace } = client
        const context = { connection, identified, reader, isPrivate, ledger, pace }
        const { maxPartBlocks } = await client.capabilities(call)
        const round = firstRound(known, maxPartBlocks)
        await sendMissing(context, call, round, known)
        return ledger.report()
      } catch (error) {
        const isForgotten = isRequestError(error) && error.code === 'content-not-found'
        if (!isForgotten || declared >= REDECLARE_LIMIT) throw error
        known = null
      }
    }
  } finally {
    await reader.close()
  }
}

/** Round by round: all missing parts are offered once, then the server's block map is read again. */
async function sendMissing(
  context: PartContext,
  call: Call,
  round: UploadRound,
  known: ContentDocument,
): Promise<void> {
  const { connection, identified, isPrivate, ledger } = context
  let document = known
  for (let idleRounds = 0; document.state !== 'COMPLETE'; ) {
    ledger.resync(document)
    const before = ledger.report().uploadedBlocks
    const isComplete = await sendRound(context, call, round, document)
    if (isComplete) break
    if (ledger.report().uploadedBlocks === before) {
      // All that is missing is on its way from other clients.
      idleRounds += 1
      await new Bell().sleep(nextDelay(idleRounds, undefined, Math.random), call.signal)
    } else idleRounds = 0
    document = await connection.document<ContentDocument>(contentRequest(identified.id, isPrivate), call)
  }
  ledger.complete()
}

/** Answers whether the content is complete. */
async function sendRound(
  context: PartContext,
  call: Call,
  round: UploadRound,
  document: ContentDocument,
): Promise<boolean> {
  const queue = new PartQueue(planParts(document.missing, document))
  const { pace } = context
  await runWorkers(pace.limits.max, call.signal, signal => {
    let last: BlockRange | undefined
    const sendNext = async () => {
      const atMostBlocks = fairShare(round.partBlocks, queue.remainingBlocks, pace.concurrency)
      const part = round.isComplete ? undefined : queue.take(last, atMostBlocks)
      if (!part) return 'nothing-left'
      last = part
      await uploadPart(context, { ...call, signal }, part, round)
      return 'go-on'
    }
    return () => pace.enter(signal, sendNext)
  })
  return round.isComplete
}

/** An upload begins with parts of the size that the server prefers. */
function firstRound({ partBlocks }: ContentDocument, maxPartBlocks: number): UploadRound {
  return { isComplete: false, isShared: false, partBlocks, sizes: { partBlocks, maxPartBlocks } }
}

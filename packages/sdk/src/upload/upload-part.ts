import {
  BLOCK_BYTES,
  type BlockRange,
  type ContentDocument,
  MEDIA_TYPES,
  MISSING_RANGES_LIMIT,
  PATHS,
  type PartAcknowledgement,
  rangeBytes,
} from '@opcache/protocol'
import { clockMs } from '../clock.js'
import { spaceHeader } from '../entry/space-header.js'
import { isRequestError } from '../errors/request-error.js'
import type { Identified } from '../identify/identified.js'
import type { SourceReader } from '../source/stored-source.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { ConnectionLost } from '../transport/connection-lost.js'
import type { StreamedBody } from '../transport/exchange.js'
import { contentRequest } from './contents.js'
import { nextPartBlocks, type PartSizeLimits } from './part-size.js'
import { missingOf } from './plan-parts.js'
import { sourceBody } from './source-body.js'
import type { UploadLedger } from './upload-ledger.js'
import type { UploadPace } from './upload-pace.js'
import { verifySource } from './verify-source.js'

/** How often a part may arrive damaged although the source is as it was. */
const DAMAGE_LIMIT = 2

/** What all parts of an upload share. */
export interface PartContext {
  readonly connection: Connection
  readonly identified: Identified
  readonly reader: SourceReader
  readonly isPrivate: boolean
  readonly ledger: UploadLedger
  readonly pace: UploadPace
}

/** What the workers of an upload tell each other. */
export interface UploadRound {
  /** Whether the server has everything by now, whoever sent it. */
  isComplete: boolean
  /** Whether others send the same content: parts keep the size that all agree on then, so that none is sent twice. */
  isShared: boolean
  /** Blocks of the parts to come. */
  partBlocks: number
  readonly sizes: PartSizeLimits
}

/**
 * Sends a part, or leaves it out where the server has it or receives it from somebody else. After a lost connection only
 * what is still missing is sent again; once the content is complete the sending stops wherever it is.
 *
 * @throws SourceChangedError
 */
export async function uploadPart(
  context: PartContext,
  call: Call,
  part: BlockRange,
  round: UploadRound,
): Promise<void> {
  const { connection, identified, ledger } = context
  let missing: BlockRange[] = [part]
  let damages = 0
  let isLost = false
  const sendMissing = async ({ attempt }: { attempt: number }) => {
    if (attempt > 0) ledger.doubt(part)
    if (attempt > 0) missing = await stillMissing(context, call, part)
    let partBytes = 0
    for (let range = missing.shift(); range && !round.isComplete; range = missing.shift()) {
      const began = clockMs()
      const { sentBytes, acknowledgement } = await putRange(context, call, range, round, isLost)
      partBytes += sentBytes
      if (sentBytes > 0) ledger.acknowledge(range)
      else round.isShared = true
      round.partBlocks = round.isShared ? round.sizes.partBlocks : resized(round, sentBytes, began)
      round.isComplete ||= acknowledgement.state === 'COMPLETE'
      if (acknowledgement.inFlight) break
    }
    return partBytes
  }
  await connection.attempt(call, async turn => {
    try {
      await context.pace.observe(() => sendMissing(turn))
    } catch (error) {
      if (error instanceof NoLongerMissing) return
      // The server may take the lost connection for one that still brings these blocks, so it is not asked again.
      isLost ||= error instanceof ConnectionLost
      if (!isRequestError(error) || error.code !== 'block-mismatch') throw error
      await verifySource(identified.source, identified, [error.block ?? part[0], 1])
      if (++damages > DAMAGE_LIMIT) throw error
      throw new ConnectionLost('a block was damaged on the way', { cause: error })
    }
  })
}

function resized({ partBlocks, sizes }: UploadRound, bytes: number, began: number): number {
  return nextPartBlocks(partBlocks, { bytes, durationMs: clockMs() - began }, sizes)
}

async function putRange(
  { connection, identified, reader, isPrivate }: PartContext,
  call: Call,
  range: BlockRange,
  round: UploadRound,
  isUnexpected: boolean,
): Promise<{ sentBytes: number; acknowledgement: PartAcknowledgement }> {
  await reader.assertUnchanged()
  const start = range[0] * BLOCK_BYTES
  const body = sourceBody(reader, start, start + rangeBytes(identified.size, range))
  const answer = await connection.send(
    {
      method: 'PUT',
      path: PATHS.blocks(identified.id, range[0]),
      headers: { 'content-type': MEDIA_TYPES.bytes, ...spaceHeader(isPrivate) },
      body: whileMissing(body, round),
      isUnexpected,
    },
    call,
  )
  return {
    sentBytes: answer.sentBytes,
    acknowledgement: await connection.readDocument<PartAcknowledgement>(answer),
  }
}

/** Others sent the last of what was missing. */
class NoLongerMissing extends Error {
  override readonly name = 'NoLongerMissing'
}

/** A body that ends its request when nobody needs it any more. */
function whileMissing(body: Uint8Array | StreamedBody, round: UploadRound): Uint8Array | StreamedBody {
  if (body instanceof Uint8Array) return body
  return {
    length: body.length,
    async *chunks() {
      for await (const chunk of body.chunks()) {
        if (round.isComplete) throw new NoLongerMissing()
        yield chunk
      }
    },
  }
}

/** What arrived before the connection was lost was not in vain. */
async function stillMissing(
  { connection, identified, isPrivate, ledger }: PartContext,
  call: Call,
  part: BlockRange,
): Promise<BlockRange[]> {
  const answer = await connection.send(contentRequest(identified.id, isPrivate), call)
  const document = await connection.readDocument<ContentDocument>(answer)
  const isAll = document.missing.length < MISSING_RANGES_LIMIT
  const missing = missingOf(part, document.missing, isAll)
  ledger.settle(part, missing)
  return missing
}

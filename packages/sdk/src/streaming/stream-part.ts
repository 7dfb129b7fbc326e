import {
  type BlockRange,
  HEADERS,
  MEDIA_TYPES,
  PATHS,
  type StreamDocument,
  type StreamPartAcknowledgement,
} from '@opcache/protocol'
import { spaceHeader } from '../entry/space-header.js'
import { isRequestError } from '../errors/request-error.js'
import { Bell } from '../transport/bell.js'
import type { Call } from '../transport/call.js'
import type { Connection } from '../transport/connection.js'
import { ConnectionLost } from '../transport/connection-lost.js'
import { nextDelay } from '../transport/next-delay.js'
import type { UploadPace } from '../upload/upload-pace.js'
import { readStreamDocument, type StreamTarget } from './stream-requests.js'
import type { HeldBlock } from './stream-window.js'

/** How often a part may arrive damaged. */
const DAMAGE_LIMIT = 2

/** What all parts of a stream share. */
export interface StreamContext {
  readonly connection: Connection
  readonly pace: UploadPace
  readonly stream: StreamTarget
  /** What the server had of it before, where somebody else began it: then each part asks before it is sent. */
  readonly known: StreamDocument | undefined
}

/** What became of blocks: sent by this call, or there already. */
export interface PartReport {
  readonly sent: readonly HeldBlock[]
  readonly skipped: readonly HeldBlock[]
}

/** Sends consecutive blocks until the server has them. After a lost connection only what is missing is sent again. */
export async function sendStreamPart(
  context: StreamContext,
  call: Call,
  part: readonly HeldBlock[],
): Promise<PartReport> {
  const { connection, pace } = context
  const wasPresent = presentIn(context.known)
  const sent: HeldBlock[] = []
  const skipped: HeldBlock[] = []
  let missing = part
  let isLost = false
  let damages = 0
  const send = async (attempt: number) => {
    if (attempt > 0) {
      const present = presentIn(await readStreamDocument(connection, call, context.stream))
      sent.push(...missing.filter(present))
      missing = missing.filter(block => !present(block))
    }
    let partBytes = 0
    for (const run of runsOf(missing, wasPresent)) {
      const isExpected = context.known !== undefined && !isLost
      const sentBytes = await putBlocks(context, call, run, isExpected)
      partBytes += sentBytes
      ;(sentBytes > 0 ? sent : skipped).push(...run)
      missing = missing.filter(block => !run.includes(block))
    }
    return partBytes
  }
  await connection.attempt(call, async ({ attempt }) => {
    try {
      await pace.observe(() => send(attempt))
    } catch (error) {
      isLost ||= error instanceof ConnectionLost
      if (!isRequestError(error) || error.code !== 'block-mismatch' || ++damages > DAMAGE_LIMIT) throw error
      throw new ConnectionLost('a block was damaged on the way', { cause: error })
    }
  })
  return { sent, skipped }
}

/** Sends blocks in one request; answers the bytes that were sent: none where they were there already. */
async function putBlocks(
  { connection, stream }: StreamContext,
  call: Call,
  blocks: readonly [HeldBlock, ...HeldBlock[]],
  isExpected: boolean,
): Promise<number> {
  for (let turn = 1; ; turn++) {
    const answer = await connection.send(
      {
        method: 'PUT',
        path: PATHS.blocks(stream.id, blocks[0].index),
        headers: {
          'content-type': MEDIA_TYPES.bytes,
          [HEADERS.blockDigests]: Buffer.concat(blocks.map(({ digest }) => digest)).toString('base64'),
          ...spaceHeader(stream.isPrivate),
        },
        body: {
          length: blocks.reduce((sum, { bytes }) => sum + bytes.length, 0),
          async *chunks() {
            for (const { bytes } of blocks) yield bytes
          },
        },
        isUnexpected: !isExpected,
      },
      call,
    )
    const { inFlight } = await connection.readDocument<StreamPartAcknowledgement>(answer)
    if (!inFlight) return answer.sentBytes
    // Somebody else is sending them: whether they arrive is known in a while.
    await new Bell().sleep(nextDelay(turn, undefined, Math.random), call.signal)
  }
}

/** Whether the server has a block. Its ranges are many only where somebody else leaves holes: those are asked again. */
function presentIn(document: StreamDocument | undefined): (block: HeldBlock) => boolean {
  const ranges: readonly BlockRange[] = document?.present ?? []
  return ({ index }) => ranges.some(([first, count]) => index >= first && index < first + count)
}

/** Consecutive blocks, those that the server had apart from the others: it asks for a part or for none of it. */
function runsOf(
  blocks: readonly HeldBlock[],
  wasPresent: (block: HeldBlock) => boolean,
): (readonly [HeldBlock, ...HeldBlock[]])[] {
  const runs: [HeldBlock, ...HeldBlock[]][] = []
  let last: HeldBlock | undefined
  for (const block of blocks) {
    const follows = last?.index === block.index - 1 && wasPresent(last) === wasPresent(block)
    if (follows) runs.at(-1)?.push(block)
    else runs.push([block])
    last = block
  }
  return runs
}

import { type BlockRange, ProtocolError, type StreamPartAcknowledgement } from '@opcache/protocol'
import type { BlobWriter } from '../../ports/blob-store.js'
import type { StreamBlock, StreamRecord } from '../../ports/stream-store.js'
import { inBlocks } from '../contents/in-blocks.js'
import { StoredBlocks } from '../contents/stored-blocks.js'
import { contentExpiry } from '../contents/use-content.js'
import type { Engine } from '../engine.js'
import type { Admission } from '../upkeep/admissions.js'
import { commitStreamBlocks } from './commit-stream-blocks.js'
import { createStream } from './create-stream.js'
import {
  type JudgedStreamPart,
  otherBlock,
  presentStreamPart,
  streamAcknowledgement,
} from './judge-stream-part.js'

/** The stream takes no blocks any more: it was sealed, or forgotten, while the part came. */
class StreamClosed extends Error {
  override readonly name = 'StreamClosed'
}

/**
 * Receives a part of a stream, which its first part creates. Each block is checked against its digest as it arrives, then
 * claimed, then stored: of two senders with different bytes for one index, only one ever writes. What was good before a
 * bad block or a cut connection stays. Undefined when the stream takes no blocks any more: judge the part again.
 *
 * @throws ProtocolError `block-mismatch`, `content-mismatch`, `storage-full`, `content-not-found`.
 */
export async function receiveStreamPart(
  engine: Engine,
  part: JudgedStreamPart,
  admission: Admission,
  body: AsyncIterable<Uint8Array>,
): Promise<StreamPartAcknowledgement | undefined> {
  const known = presentStreamPart(part)
  if (known) return known
  const stream = part.stream ?? (await createStream(engine, part.caller, part.ref, part.blob))
  if (!part.stream) admission.entered({ uploads: 1 })
  await engine.room.keep(stream.blob)
  const writer = await engine.blobs.openWriter(stream.blob)
  const stored = new StoredBlocks(async blocks => {
    const record = await commitStreamBlocks(engine, stream, writer, blocks)
    admission.entered({ bytes: bytesOf(part, blocks) })
    return record
  })
  const unmark = engine.inFlight.mark(stream.blob, part.range)
  try {
    await storeBlocks(engine, part, stream, { body, writer, stored }).catch(async error => {
      // What broke the part is what its sender has to know, whatever becomes of the blocks before it.
      await stored.finish().catch(reason => engine.report(reason, 'keeping a broken part'))
      throw error
    })
    const record = await stored.finish()
    await engine.streams.extend(stream, contentExpiry(engine))
    return record && streamAcknowledgement(record)
  } catch (error) {
    if (error instanceof StreamClosed) return undefined
    throw error
  } finally {
    // Its sender may be idle for a while, or come back.
    engine.room.heardOf(stream.blob)
    unmark()
    await writer.close()
  }
}

/** A part on its way from its sender into its blob. */
interface ArrivingPart {
  readonly body: AsyncIterable<Uint8Array>
  readonly writer: BlobWriter
  readonly stored: StoredBlocks<unknown>
}

async function storeBlocks(
  engine: Engine,
  { blocks, present }: JudgedStreamPart,
  stream: StreamRecord,
  { body, writer, stored }: ArrivingPart,
): Promise<void> {
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const { index: offset, bytes, release } of inBlocks(body)) {
      const block = blocks[offset] as StreamBlock
      await storing
      if (present.has(block.index)) {
        release()
        continue
      }
      checkBytes(engine, block, bytes)
      if (!(await claim(engine, stream, block))) {
        release()
        continue
      }
      storing = writer
        .writeBlock(block.index, bytes)
        .finally(release)
        .then(() => stored.add(block.index))
      storing.catch(() => undefined)
    }
    await storing
  } finally {
    // Blocks that arrived whole before a failure count; a write that failed has thrown above or throws here no more.
    await storing.catch(() => undefined)
  }
}

function bytesOf({ blocks, range: [first] }: JudgedStreamPart, ranges: readonly BlockRange[]): number {
  const of = ([start, count]: BlockRange) => blocks.slice(start - first, start - first + count)
  return ranges.flatMap(of).reduce((sum, { length }) => sum + length, 0)
}

function checkBytes(engine: Engine, { index, digest }: StreamBlock, bytes: Uint8Array): void {
  if (Buffer.compare(engine.blake3.digest(bytes), digest) === 0) return
  throw new ProtocolError('block-mismatch', `Block ${index} is not the one that its digest announced.`, {
    members: { block: index },
  })
}

/** Whether a block is to be written: it is not present meanwhile. */
async function claim(engine: Engine, stream: StreamRecord, block: StreamBlock): Promise<boolean> {
  switch (await engine.streams.claim(stream, stream.blob, block)) {
    case 'claimed':
      return true
    case 'present':
      return false
    case 'conflict':
      throw otherBlock(block.index)
    case 'closed':
      throw new StreamClosed()
  }
}

import { Accumulator, BLOCK_BYTES, type ContentId, ProtocolError } from '@opcache/protocol'
import type { BlobWriter } from '../../ports/blob-store.js'
import type { StreamRecord, StreamRef } from '../../ports/stream-store.js'
import type { Caller } from '../caller.js'
import { inBlocks } from '../contents/in-blocks.js'
import { tooLarge } from '../contents/store-content.js'
import { StoredBlocks } from '../contents/stored-blocks.js'
import type { Engine } from '../engine.js'
import type { Admission } from '../upkeep/admissions.js'
import type { ReservedRoom } from '../upkeep/room.js'
import { commitStreamBlocks } from './commit-stream-blocks.js'
import { createStream } from './create-stream.js'
import { sealStream } from './seal-stream.js'

/** A stream whose bytes come in one body. */
export interface WholeStream {
  readonly ref: StreamRef
  readonly body: AsyncIterable<Uint8Array>
  /** What its sender says that it will be. */
  readonly announced: ContentId | undefined
}

/**
 * Receives a stream in one body, and seals it at its end: what waits for it starts.
 *
 * @throws ProtocolError `content-mismatch` when it is not what was announced; `too-large`, `storage-full`; what the body
 * throws; `rate-limited` when the caller would have too much that is unfinished. Then the stream is not sealed.
 */
export async function receiveStream(
  engine: Engine,
  caller: Caller,
  { ref, body, announced }: WholeStream,
): Promise<void> {
  using admission = await engine.admissions.admit(caller, { uploads: 1 })
  const stream = await createStream(engine, caller, ref)
  admission.entered({ uploads: 1 })
  await engine.room.keep(stream.blob)
  await using room = await engine.room.reserve(stream.blob, 0)
  const end = await storeBlocks(engine, stream, { admission, room, body })
  if (announced !== undefined && announced !== end.content) {
    throw new ProtocolError('content-mismatch', `The body is ${end.content}, not the announced ${announced}.`)
  }
  await sealStream(engine, caller, ref, end)
}

async function storeBlocks(
  engine: Engine,
  stream: StreamRecord,
  { admission, room, body }: { admission: Admission; room: ReservedRoom; body: AsyncIterable<Uint8Array> },
): Promise<{ size: number; content: ContentId }> {
  const sum = new Accumulator(engine.blake3)
  let writer: BlobWriter | undefined
  const stored = new StoredBlocks(async blocks => {
    await commitStreamBlocks(engine, stream, writer, blocks)
    admission.entered({ bytes: blocks.length * BLOCK_BYTES })
  })
  let size = 0
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const { index, bytes, release } of inBlocks(body)) {
      const block = { index, length: bytes.length, digest: engine.blake3.digest(bytes) }
      size += bytes.length
      await storing
      if (size > engine.limits.maxContentBytes) throw tooLarge(engine)
      // The account counts every block of a stream as a whole one.
      await admission.extend(BLOCK_BYTES)
      await room.take(bytes.length)
      if ((await engine.streams.claim(stream, stream.blob, block)) !== 'claimed') {
        throw new ProtocolError('content-not-found', 'The stream was forgotten meanwhile: send it again.')
      }
      sum.add(index, block.length, block.digest)
      writer ??= await engine.blobs.openWriter(stream.blob)
      storing = writer
        .writeBlock(index, bytes)
        .finally(release)
        .then(() => stored.add(index))
      storing.catch(() => undefined)
    }
    await storing
    return { size, content: sum.contentId(size) }
  } finally {
    await storing.catch(() => undefined)
    await stored.finish().finally(() => writer?.close())
  }
}

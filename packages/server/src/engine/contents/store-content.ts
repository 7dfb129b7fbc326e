import { randomUUID } from 'node:crypto'
import { ContentHasher, type ContentIdentity, ProtocolError } from '@opcache/protocol'
import type { BlobWriter } from '../../ports/blob-store.js'
import type { ContentRecord } from '../../ports/content-store.js'
import type { SpaceId } from '../../ports/space.js'
import type { Engine } from '../engine.js'
import type { ReservedRoom } from '../upkeep/room.js'
import { contentCompleted } from './content-completed.js'
import { findContent } from './find-content.js'
import { type BlockWatcher, inBlocks } from './in-blocks.js'
import { contentExpiry, useContent } from './use-content.js'

/** Bytes that are stored under a name of their own, and belong to no content yet. */
export interface StoredBytes extends ContentIdentity {
  readonly blob: string
  /** Theirs, until they are published or discarded. */
  readonly room: ReservedRoom
}

/** Reserves room for bytes that are coming, as far as somebody said how many. @throws ProtocolError `storage-full` */
export async function reserveBlob(
  engine: Engine,
  announcedBytes = 0,
  blob: string = randomUUID(),
): Promise<Pick<StoredBytes, 'blob' | 'room'>> {
  return { blob, room: await engine.room.reserve(blob, announcedBytes) }
}

/**
 * Stores and hashes a stream of unknown bytes, under the watcher's eyes where there is one. Whatever goes wrong, nothing
 * stays. What it answers is to be published or discarded.
 *
 * @throws ProtocolError `too-large`, `storage-full`; what the stream throws.
 */
export async function storeBytes(
  engine: Engine,
  stream: AsyncIterable<Uint8Array>,
  watcher?: BlockWatcher,
  reserved?: Pick<StoredBytes, 'blob' | 'room'>,
): Promise<StoredBytes> {
  const place = reserved ?? (await reserveBlob(engine, 0, watcher?.blob))
  try {
    return { ...(await writeBlocks(engine, place, stream, watcher)), ...place }
  } catch (error) {
    await discardBytes(engine, place)
    throw error
  }
}

/** Removes stored bytes that will not be published. */
export async function discardBytes(
  engine: Engine,
  { blob, room }: Pick<StoredBytes, 'blob' | 'room'>,
): Promise<void> {
  await engine.blobs.delete(blob)
  await room[Symbol.asyncDispose]()
}

/** Hashes and writes side by side: while one block is written, the next one comes in. */
async function writeBlocks(
  engine: Engine,
  { blob, room }: Pick<StoredBytes, 'blob' | 'room'>,
  stream: AsyncIterable<Uint8Array>,
  watcher: BlockWatcher | undefined,
): Promise<ContentIdentity> {
  let writer: BlobWriter | undefined
  const hasher = new ContentHasher(engine.blake3)
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const { index, bytes, release } of inBlocks(stream, watcher)) {
      hasher.update(bytes)
      await storing
      if (hasher.size > engine.limits.maxContentBytes) throw tooLarge(engine)
      await room.take(bytes.length)
      // Only now: a blob that nothing names and no room is reserved for is an orphan.
      writer ??= await engine.blobs.openWriter(blob)
      storing = writer.writeBlock(index, bytes).then(() => {
        watcher?.stored(index, bytes.length)
        release()
      })
      // Awaited before the next block; until then a rejection is nobody's surprise.
      storing.catch(() => undefined)
    }
    await storing
    await writer?.sync()
    return hasher.finish()
  } finally {
    await storing.catch(() => undefined)
    await writer?.close()
  }
}

/** Makes a content of stored bytes; a content that is complete already keeps its own bytes. */
export async function publishContent(
  engine: Engine,
  space: SpaceId,
  stored: StoredBytes,
): Promise<ContentRecord> {
  const { id, size, blob, manifest } = stored
  const content = { space, id, size, blob, createdAt: engine.now(), expiresAt: contentExpiry(engine) }
  let unused: string | undefined = blob
  try {
    // A content whose bytes are gone must not be kept in favour of these.
    await findContent(engine, content)
    const published = await engine.contents.publish(content, manifest)
    unused = published.unused
    await useContent(engine, published.record)
    await contentCompleted(engine, content)
    return published.record
  } finally {
    if (unused !== undefined) await engine.blobs.delete(unused)
    await stored.room[Symbol.asyncDispose]()
  }
}

export function tooLarge(engine: Engine): ProtocolError {
  return new ProtocolError('too-large', `Contents here have at most ${engine.limits.maxContentBytes} bytes.`)
}

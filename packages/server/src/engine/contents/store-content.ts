import { randomUUID } from 'node:crypto'
import { ContentHasher, type ContentIdentity, ProtocolError } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { SpaceId } from '../../ports/space.js'
import type { Engine } from '../engine.js'
import { contentCompleted } from './content-completed.js'
import { findContent } from './find-content.js'
import { type BlockWatcher, inBlocks } from './in-blocks.js'
import { contentExpiry, useContent } from './use-content.js'

/** Bytes that are stored under a name of their own, and belong to no content yet. */
export interface StoredBytes extends ContentIdentity {
  readonly blob: string
}

/**
 * Stores and hashes a stream of unknown bytes, under the watcher's eyes where there is one. Whatever goes wrong, nothing
 * stays.
 *
 * @throws ProtocolError `too-large`, `storage-full`; what the stream throws.
 */
export async function storeBytes(
  engine: Engine,
  stream: AsyncIterable<Uint8Array>,
  watcher?: BlockWatcher,
): Promise<StoredBytes> {
  const blob = watcher?.blob ?? randomUUID()
  try {
    return { ...(await writeBlocks(engine, blob, stream, watcher)), blob }
  } catch (error) {
    await engine.blobs.delete(blob)
    throw error
  }
}

/** Hashes and writes side by side: while one block is written, the next one comes in. */
async function writeBlocks(
  engine: Engine,
  blob: string,
  stream: AsyncIterable<Uint8Array>,
  watcher: BlockWatcher | undefined,
): Promise<ContentIdentity> {
  const writer = await engine.blobs.openWriter(blob)
  const hasher = new ContentHasher(engine.blake3)
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const { index, bytes, release } of inBlocks(stream, watcher)) {
      hasher.update(bytes)
      await storing
      if (hasher.size > engine.limits.maxContentBytes) throw tooLarge(engine)
      storing = writer.writeBlock(index, bytes).then(() => {
        watcher?.stored(index, bytes.length)
        release()
      })
      // Awaited before the next block; until then a rejection is nobody's surprise.
      storing.catch(() => undefined)
    }
    await storing
    return hasher.finish()
  } finally {
    await storing.catch(() => undefined)
    await writer.close()
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
    await useContent(engine, content)
    await contentCompleted(engine, content)
    return published.record
  } finally {
    if (unused !== undefined) await engine.blobs.delete(unused)
  }
}

export function tooLarge(engine: Engine): ProtocolError {
  return new ProtocolError('too-large', `Contents here have at most ${engine.limits.maxContentBytes} bytes.`)
}

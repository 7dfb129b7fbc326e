import { randomUUID } from 'node:crypto'
import type { Readable } from 'node:stream'
import { ContentHasher, type ContentIdentity, ProtocolError } from '@opcache/protocol'
import type { ContentRecord, ContentRef } from '../ports/content-store.js'
import type { SpaceId } from '../ports/space.js'
import { contentCompleted } from './content-completed.js'
import type { Engine } from './engine.js'
import { inBlocks } from './in-blocks.js'

/** Bytes that are stored under a name of their own, and belong to no content yet. */
export interface StoredBytes extends ContentIdentity {
  readonly blob: string
}

/**
 * Stores and hashes a stream of unknown bytes. Whatever goes wrong, nothing stays.
 *
 * @throws ProtocolError `too-large`, `storage-full`; what the stream throws.
 */
export async function storeBytes(engine: Engine, stream: Readable): Promise<StoredBytes> {
  const blob = randomUUID()
  const writer = await engine.blobs.openWriter(blob)
  const hasher = new ContentHasher(engine.blake3)
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const { index, bytes } of inBlocks(stream)) {
      hasher.update(bytes)
      await storing
      if (hasher.size > engine.limits.maxContentBytes) throw tooLarge(engine)
      storing = writer.writeBlock(index, bytes)
      // Awaited before the next block; until then a rejection is nobody's surprise.
      storing.catch(() => undefined)
    }
    await storing
    await writer.close()
    return { ...hasher.finish(), blob }
  } catch (error) {
    await storing.catch(() => undefined)
    await writer.close()
    await engine.blobs.delete(blob)
    throw error
  }
}

/** Makes a content of stored bytes; a content that is complete already keeps its own bytes. */
export async function publishContent(
  engine: Engine,
  space: SpaceId,
  stored: StoredBytes,
): Promise<ContentRecord> {
  const now = engine.now()
  const { id, size, blob, manifest } = stored
  const content = {
    space,
    id,
    size,
    blob,
    createdAt: now,
    expiresAt: now + engine.limits.contentTtlSeconds * 1000,
  }
  const { record, unused } = await engine.contents.publish(content, manifest)
  if (unused !== undefined) await engine.blobs.delete(unused)
  await useContent(engine, record)
  await contentCompleted(engine, record)
  return record
}

/** Keeps a content for another while: it is used. */
export async function useContent(engine: Engine, ref: ContentRef): Promise<boolean> {
  return engine.contents.extend(ref, engine.now() + engine.limits.contentTtlSeconds * 1000)
}

/** The complete content with its bytes, or undefined. A record whose bytes are gone is forgotten. */
export async function findCompleteContent(
  engine: Engine,
  ref: ContentRef,
): Promise<ContentRecord | undefined> {
  const record = await engine.contents.get(ref)
  if (!record || record.missingBlocks > 0) return undefined
  if (record.size === 0 || (await engine.blobs.has(record.blob))) return record
  await engine.contents.delete(ref, record.blob)
  return undefined
}

export function tooLarge(engine: Engine): ProtocolError {
  return new ProtocolError('too-large', `Contents here have at most ${engine.limits.maxContentBytes} bytes.`)
}

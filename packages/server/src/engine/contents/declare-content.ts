import { randomUUID } from 'node:crypto'
import {
  Accumulator,
  addManifestBlocks,
  blockCount,
  type ContentId,
  manifestBytes,
  ProtocolError,
} from '@opcache/protocol'
import type { ContentRecord, ContentRef } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { contentCompleted } from './content-completed.js'
import { findContent } from './find-content.js'
import { tooLarge } from './store-content.js'
import { contentExpiry, useContent } from './use-content.js'

/** Blocks whose elements are summed before the event loop has its turn: some milliseconds. */
const CERTIFY_SLICE = 256

/** Bytes that the manifest of a content of `sizeBytes` must have. @throws ProtocolError `too-large` */
export function expectedManifestBytes(engine: Engine, sizeBytes: number): number {
  if (sizeBytes > engine.limits.maxContentBytes) throw tooLarge(engine)
  return manifestBytes(sizeBytes)
}

/**
 * Declares a named content with its manifest; where it is known already, nothing changes.
 *
 * @throws ProtocolError `manifest-mismatch` when the manifest is not that of the id, `storage-full` before any byte is
 * taken that would not find room.
 */
export async function declareContent(
  engine: Engine,
  ref: ContentRef,
  sizeBytes: number,
  manifest: Uint8Array,
): Promise<ContentRecord> {
  if (!(await isCertified(engine, ref.id, sizeBytes, manifest))) {
    throw new ProtocolError('manifest-mismatch', `The manifest and the size do not give the id ${ref.id}.`)
  }
  const known = await findContent(engine, ref)
  if (!known && sizeBytes > (await engine.blobs.availableBytes())) {
    throw new ProtocolError('storage-full', `There is no room for ${sizeBytes} bytes on the server.`)
  }
  const content = {
    ...ref,
    size: sizeBytes,
    blob: randomUUID(),
    createdAt: engine.now(),
    expiresAt: contentExpiry(engine),
  }
  const record = await engine.contents.declare(content, manifest)
  await useContent(engine, ref)
  if (record.missingBlocks === 0) await contentCompleted(engine, ref)
  return record
}

async function isCertified(
  engine: Engine,
  id: ContentId,
  sizeBytes: number,
  manifest: Uint8Array,
): Promise<boolean> {
  const blocks = blockCount(sizeBytes)
  if (manifest.length !== manifestBytes(sizeBytes)) return false
  const sum = new Accumulator(engine.blake3)
  for (let first = 0; first < blocks; first += CERTIFY_SLICE) {
    if (first > 0) await new Promise(resolve => setImmediate(resolve))
    addManifestBlocks(sum, sizeBytes, manifest, first, Math.min(CERTIFY_SLICE, blocks - first))
  }
  return sum.contentId(sizeBytes) === id
}

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
import type { Caller } from '../caller.js'
import type { Engine } from '../engine.js'
import { accountOf } from '../upkeep/admissions.js'
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
 * @throws ProtocolError `manifest-mismatch` when the manifest is not that of the id; `storage-full` before any byte is
 * taken that would not find room; `rate-limited` when the caller has too much that is unfinished.
 */
export async function declareContent(
  engine: Engine,
  caller: Caller,
  ref: ContentRef,
  sizeBytes: number,
  manifest: Uint8Array,
): Promise<ContentRecord> {
  if (!(await isCertified(engine, ref.id, sizeBytes, manifest))) {
    throw new ProtocolError('manifest-mismatch', `The manifest and the size do not give the id ${ref.id}.`)
  }
  const blob = randomUUID()
  const known = await findContent(engine, ref)
  using _admitted = known ? undefined : await engine.admissions.admit(caller, { uploads: 1 })
  if (!known) await engine.room.keep(blob, sizeBytes)
  const content = {
    ...ref,
    account: accountOf(caller),
    size: sizeBytes,
    blob,
    createdAt: engine.now(),
    expiresAt: contentExpiry(engine),
  }
  const record = await engine.contents.declare(content, manifest)
  // Somebody else was first.
  if (record.blob !== blob) await engine.room.letGo(blob)
  await useContent(engine, record)
  if (record.missingBlocks === 0) await contentCompleted(engine, ref)
  return record
}

/** Whether a manifest and a size give an id. */
export async function isCertified(
  engine: Pick<Engine, 'blake3'>,
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

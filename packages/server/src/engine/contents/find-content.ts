import { blockCount } from '@opcache/protocol'
import type { ContentRecord, ContentRef } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { withPatience } from '../with-patience.js'
import { verifyPresent } from './verify-present.js'

/**
 * The content, or undefined. What is in doubt after an unclean stop is verified before it is answered: a block map is
 * the truth about an upload.
 *
 * @throws ProtocolError `busy` while that takes long.
 */
export async function findContent(engine: Engine, ref: ContentRef): Promise<ContentRecord | undefined> {
  const record = await findRecord(engine, ref)
  return record?.doubt === undefined ? record : withPatience(verifyPresent(engine, record))
}

/** The content with all its bytes, or undefined. */
export async function findCompleteContent(
  engine: Engine,
  ref: ContentRef,
): Promise<ContentRecord | undefined> {
  const record = await findRecord(engine, ref)
  return record?.missingBlocks === 0 ? record : undefined
}

/** Forgets a record whose bytes are gone: it promises what nobody can keep. */
async function findRecord(engine: Engine, ref: ContentRef): Promise<ContentRecord | undefined> {
  const record = await engine.contents.get(ref)
  if (!record) return undefined
  const isEmpty = record.missingBlocks === blockCount(record.size)
  if (isEmpty || (await engine.blobs.has(record.blob))) return record
  await engine.contents.delete(ref, record.blob)
  return undefined
}

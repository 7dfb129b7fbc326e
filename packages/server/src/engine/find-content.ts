import { blockCount } from '@opcache/protocol'
import type { ContentRecord, ContentRef } from '../ports/content-store.js'
import type { Engine } from './engine.js'

/** The content, or undefined. A record whose bytes are gone is forgotten: it promises what nobody can keep. */
export async function findContent(engine: Engine, ref: ContentRef): Promise<ContentRecord | undefined> {
  const record = await engine.contents.get(ref)
  if (!record) return undefined
  const isEmpty = record.missingBlocks === blockCount(record.size)
  if (isEmpty || (await engine.blobs.has(record.blob))) return record
  await engine.contents.delete(ref, record.blob)
  return undefined
}

/** The content with all its bytes, or undefined. */
export async function findCompleteContent(
  engine: Engine,
  ref: ContentRef,
): Promise<ContentRecord | undefined> {
  const record = await findContent(engine, ref)
  return record?.missingBlocks === 0 ? record : undefined
}

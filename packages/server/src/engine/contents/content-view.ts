import { type ContentDocument, MISSING_RANGES_LIMIT } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'

/** The content as its user sees it: the block map is the truth about an upload. */
export async function contentDocument(engine: Engine, record: ContentRecord): Promise<ContentDocument> {
  const isComplete = record.missingBlocks === 0
  const map = isComplete ? undefined : await engine.contents.blockMap(record, record.blob)
  const missing = (map?.missing(MISSING_RANGES_LIMIT) ?? []).map(([first, count]): [number, number] => [
    first,
    count,
  ])
  const missingBlocks = map?.missingBlocks ?? 0
  const { unitBlocks, partBlocks } = engine.blobs.capabilities
  return {
    id: record.id,
    size: record.size,
    state: missingBlocks === 0 ? 'COMPLETE' : 'PARTIAL',
    missing,
    missingBlocks,
    unitBlocks,
    partBlocks,
  }
}

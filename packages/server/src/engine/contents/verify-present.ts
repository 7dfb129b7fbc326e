import type { BlockRange } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Engine } from '../engine.js'
import { lostBlocks } from './lost-blocks.js'

/**
 * Compares the present blocks of a content in doubt with its manifest, and ends the doubt: those that are not what they
 * should be are missing from then on. Answers the record after it; undefined where the content is gone. Callers that
 * come while a verification is under way share it.
 */
export function verifyPresent(engine: Engine, record: ContentRecord): Promise<ContentRecord | undefined> {
  return engine.verifications.share(record.blob, () => verify(engine, record))
}

async function verify(engine: Engine, record: ContentRecord): Promise<ContentRecord | undefined> {
  const { contents } = engine
  const map = await contents.blockMap(record, record.blob)
  const manifest = await contents.manifest(record, record.blob)
  if (!map || !manifest || record.doubt === undefined) return contents.get(record)
  const lost: BlockRange[] = []
  for (const range of map.present()) lost.push(...(await lostBlocks(engine, record, manifest, range)))
  engine.observe({
    kind: 'content-verified',
    id: record.id,
    blocks: map.blocks - map.missingBlocks,
    lostBlocks: lost.length,
  })
  return contents.settleDoubt(record, record.blob, record.doubt, lost)
}

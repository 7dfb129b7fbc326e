import { type BlockRange, blockCount, MISSING_RANGES_LIMIT, type StreamDocument } from '@opcache/protocol'
import type { StreamRecord } from '../../ports/stream-store.js'
import type { Engine } from '../engine.js'

/** The stream as its user sees it: what is present is the truth about an upload. */
export async function streamDocument(engine: Engine, record: StreamRecord): Promise<StreamDocument> {
  const { id, phase, presentBlocks } = record
  const { unitBlocks, partBlocks } = engine.blobs.capabilities
  const ranges = phase.state === 'OPEN' ? await openRanges(engine, record) : allBlocks(phase.size)
  return {
    id,
    state: phase.state === 'OPEN' ? 'OPEN' : 'SEALED',
    present: ranges.map(([first, count]): [number, number] => [first, count]),
    presentBlocks,
    content: phase.state === 'OPEN' ? null : phase.content,
    unitBlocks,
    partBlocks,
  }
}

async function openRanges(engine: Engine, record: StreamRecord): Promise<BlockRange[]> {
  const map = await engine.streams.blockMap(record, record.blob)
  return map?.present(MISSING_RANGES_LIMIT) ?? []
}

function allBlocks(sizeBytes: number): BlockRange[] {
  return sizeBytes === 0 ? [] : [[0, blockCount(sizeBytes)]]
}

import { BLOCK_BYTES, blockCount } from '@opcache/protocol'
import type { ContentRecord } from './content-store.js'
import type { StreamRecord } from './stream-store.js'

/** Bytes of a content that are there; while blocks are missing, each of those that are there counts as a whole one. */
export function contentBytes({ size, missingBlocks }: Pick<ContentRecord, 'size' | 'missingBlocks'>): number {
  return Math.min(size, (blockCount(size) - missingBlocks) * BLOCK_BYTES)
}

/** Bytes of a stream that are there, and those of no content; its last block counts as a whole one. */
export function streamBytes({ phase, presentBlocks }: Pick<StreamRecord, 'phase' | 'presentBlocks'>): number {
  return phase.state === 'SEALED' ? 0 : presentBlocks * BLOCK_BYTES
}

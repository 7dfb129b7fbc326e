import type { StreamBlock } from '../ports/stream-store.js'

/** Whether two blocks of one index have the same bytes, by all that is known of them. */
export function sameBlock(a: StreamBlock, b: StreamBlock): boolean {
  return a.length === b.length && Buffer.compare(a.digest, b.digest) === 0
}

import { type Accumulator, blockCount, blockLength } from '@opcache/protocol'
import type { KnownStreamBlock, SealObjection, StreamEnd } from '../ports/stream-store.js'

/** What speaks against sealing a stream with these `blocks`, in ascending order, and the `sum` of those present. */
export function sealObjection(
  blocks: Iterable<KnownStreamBlock>,
  sum: Accumulator,
  { content, size }: StreamEnd,
): SealObjection | undefined {
  const count = blockCount(size)
  let next = 0
  for (const { index, length, isPresent } of blocks) {
    if (next < count && (index > next || !isPresent)) return { kind: 'missing-block', block: next }
    if (index >= count) return { kind: 'beyond-end', block: index }
    if (length !== blockLength(size, index)) return { kind: 'block-length', block: index, length }
    next += 1
  }
  if (next < count) return { kind: 'missing-block', block: next }
  const made = sum.contentId(size)
  return made === content ? undefined : { kind: 'other-content', content: made }
}

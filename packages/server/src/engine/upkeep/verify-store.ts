import type { BlockRange, ContentId, StreamId } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { Drivers } from '../../ports/drivers.js'
import { contentBytes, streamBytes } from '../../ports/stored-bytes.js'
import type { StreamRecord } from '../../ports/stream-store.js'
import { isCertified } from '../contents/declare-content.js'
import { lostBlocks } from '../contents/lost-blocks.js'
import type { Engine } from '../engine.js'
import { isStored } from '../streams/verify-stream.js'

/** What a verification works with. */
export interface VerifyContext extends Pick<Engine, 'blake3' | 'closing'> {
  readonly drivers: Pick<Drivers, 'blobs' | 'contents' | 'streams'>
  /** Is given the bytes of damaged blocks, to keep them out of the way. */
  quarantine(id: ContentId | StreamId, block: number, bytes: Uint8Array): Promise<void>
}

/** A content or stream that was not what it should be. */
export interface Damage {
  readonly id: ContentId | StreamId
  /** Blocks that are missing now; the others are whole. Undefined: its manifest was damaged, and all of it is gone. */
  readonly blocks?: number
}

/** What a verification found. */
export interface Verified {
  /** Open streams among them. */
  readonly contents: number
  /** Bytes that were read. */
  readonly bytes: number
  readonly damaged: readonly Damage[]
}

/**
 * Compares every stored byte with the id that it is stored under. What is damaged counts no longer: its blocks are missing
 * from then on, and are sent again by whoever uploads the content; results that had them are misses.
 */
export async function verifyStore(context: VerifyContext): Promise<Verified> {
  const { contents, streams } = context.drivers
  const damaged: Damage[] = []
  let count = 0
  let bytes = 0
  for await (const record of contents.all()) {
    count += 1
    bytes += contentBytes(record)
    const damage = await verifyContent(context, record)
    if (damage) damaged.push(damage)
  }
  for await (const record of streams.all()) {
    if (record.phase.state !== 'OPEN') continue
    count += 1
    bytes += streamBytes(record)
    const damage = await verifyOpenStream(context, record)
    if (damage) damaged.push(damage)
  }
  return { contents: count, bytes, damaged }
}

async function verifyContent(context: VerifyContext, record: ContentRecord): Promise<Damage | undefined> {
  const { blobs, contents } = context.drivers
  const { id, blob, size } = record
  const [manifest, map] = await Promise.all([
    contents.manifest(record, blob),
    contents.blockMap(record, blob),
  ])
  // Gone meanwhile.
  if (!manifest || !map) return undefined
  if (!(await isCertified(context, id, size, manifest))) {
    if (await contents.delete(record, blob)) await blobs.delete(blob)
    return { id }
  }
  const lost: BlockRange[] = []
  const keep = (block: number, bytes: Uint8Array) => context.quarantine(id, block, bytes)
  for (const range of map.present()) {
    lost.push(...(await lostBlocks({ ...context, blobs }, record, manifest, range, keep)))
  }
  // A file that is missing because its content was deleted while it was read is no damage.
  const isDamaged = lost.length > 0 && (await contents.withdraw(record, blob, lost)) !== undefined
  return isDamaged ? { id, blocks: lost.length } : undefined
}

async function verifyOpenStream(context: VerifyContext, record: StreamRecord): Promise<Damage | undefined> {
  const { blobs, streams } = context.drivers
  const { id, blob } = record
  const lost: BlockRange[] = []
  for (const range of (await streams.blockMap(record, blob))?.present() ?? []) {
    for (const block of await streams.blocks(record, blob, range)) {
      const keep = (bytes: Uint8Array) => context.quarantine(id, block.index, bytes)
      if (!(await isStored({ ...context, blobs }, blob, block, keep))) lost.push([block.index, 1])
    }
  }
  const isDamaged = lost.length > 0 && (await streams.withdraw(record, blob, lost)) !== undefined
  return isDamaged ? { id, blocks: lost.length } : undefined
}

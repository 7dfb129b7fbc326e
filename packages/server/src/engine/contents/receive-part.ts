import {
  BLOCK_BYTES,
  type BlockMap,
  type BlockRange,
  blockCount,
  blockLength,
  manifestDigest,
  type PartAcknowledgement,
  ProtocolError,
  rangeBytes,
} from '@opcache/protocol'
import type { BlobWriter } from '../../ports/blob-store.js'
import type { ContentRecord, ContentRef } from '../../ports/content-store.js'
import type { Caller } from '../caller.js'
import type { Engine } from '../engine.js'
import type { Admission } from '../upkeep/admissions.js'
import type { ReservedRoom } from '../upkeep/room.js'
import { commitBlocks } from './commit-blocks.js'
import { contentCompleted } from './content-completed.js'
import { findCompleteContent, findContent } from './find-content.js'
import { inBlocks } from './in-blocks.js'
import { StoredBlocks } from './stored-blocks.js'
import { useContent } from './use-content.js'

/** A part that was judged by its head alone, before any byte of it was read. */
export interface JudgedPart {
  readonly content: ContentRecord
  readonly range: BlockRange
  readonly map: BlockMap
}

/**
 * Judges a part by its address and its length.
 *
 * @throws ProtocolError `content-not-found`; `bad-request` off the grid; `too-large`.
 */
export async function judgePart(
  engine: Engine,
  ref: ContentRef,
  first: number,
  lengthBytes: number,
): Promise<JudgedPart> {
  const content = await findContent(engine, ref)
  const map = content && (await engine.contents.blockMap(ref, content.blob))
  if (!content || !map) {
    throw new ProtocolError('content-not-found', 'There is no such content: declare it first.')
  }
  return { content, map, range: rangeOnGrid(engine, content.size, first, lengthBytes) }
}

function rangeOnGrid(engine: Engine, sizeBytes: number, first: number, lengthBytes: number): BlockRange {
  const { unitBlocks, maxPartBlocks } = engine.blobs.capabilities
  const count = Math.ceil(lengthBytes / BLOCK_BYTES)
  const end = first + count
  const isOnGrid =
    count > 0 &&
    end <= blockCount(sizeBytes) &&
    lengthBytes === rangeBytes(sizeBytes, [first, count]) &&
    first % unitBlocks === 0 &&
    (end % unitBlocks === 0 || end === blockCount(sizeBytes))
  if (!isOnGrid) {
    throw new ProtocolError(
      'bad-request',
      `${lengthBytes} bytes from block ${first} are no part of this content: a part is whole units of ${unitBlocks} ` +
        `block(s) of ${BLOCK_BYTES} bytes inside ${sizeBytes} bytes, and only the last block is shorter.`,
    )
  }
  if (count > maxPartBlocks) {
    throw new ProtocolError('too-large', `A part has at most ${maxPartBlocks} blocks, not ${count}.`)
  }
  return [first, count]
}

/** A part that need not be sent, or one that is received on this connection from now until `release` is called. */
export type ClaimedPart = { readonly unwanted: PartAcknowledgement } | { readonly release: () => void }

/** Claims a part whose sender waits, unless all of it is stored or is being received on other connections right now. */
export async function claimPart(engine: Engine, { content, map, range }: JudgedPart): Promise<ClaimedPart> {
  if (map.hasAll(range)) return { unwanted: acknowledgement(content, false) }
  const release = await engine.inFlight.claim(content.blob, range, index => !map.has(index))
  return release ? { release } : { unwanted: acknowledgement(content, true) }
}

/** Lets its caller send what is missing of a part. @throws ProtocolError `rate-limited` */
export function admitPart(engine: Engine, caller: Caller, part: JudgedPart): Promise<Admission> {
  return engine.admissions.admit(caller, { bytes: missingBytes(part) })
}

/** Reserves the room for what is missing of a part. @throws ProtocolError `storage-full` */
export function reservePart(engine: Engine, part: JudgedPart): Promise<ReservedRoom> {
  return engine.room.reserve(part.content.blob, missingBytes(part))
}

function missingBytes({ content, range: [first, count], map }: JudgedPart): number {
  let bytes = 0
  for (let index = first; index < first + count; index++) {
    if (!map.has(index)) bytes += blockLength(content.size, index)
  }
  return bytes
}

/**
 * Receives a part: each block is checked against the manifest and stored as it arrives. What was good before a bad block
 * or a cut connection stays. The last block of the content starts the entries that wait for it.
 *
 * @throws ProtocolError `block-mismatch`, `storage-full`, `content-not-found` when it was deleted meanwhile.
 */
export async function receivePart(
  engine: Engine,
  part: JudgedPart,
  admission: Admission,
  body: AsyncIterable<Uint8Array>,
): Promise<PartAcknowledgement> {
  const { content } = part
  const manifest = await engine.contents.manifest(content, content.blob)
  if (!manifest) return acknowledgeElsewhere(engine, content)
  const writer = await engine.blobs.openWriter(content.blob)
  try {
    const stored = new StoredBlocks(async blocks => {
      const record = await commitBlocks(engine, content, writer, blocks)
      admission.entered({ bytes: bytesOf(content, blocks) })
      engine.arrivals.tell(content.blob)
      return record
    })
    await storeBlocks(engine, part, { manifest, body, writer, stored }).catch(async error => {
      // What broke the part is what its sender has to know, whatever becomes of the blocks before it.
      await finish(engine, content, stored).catch(reason => engine.report(reason, 'keeping a broken part'))
      throw error
    })
    return await finish(engine, content, stored)
  } finally {
    await writer.close()
  }
}

/** A part on its way from its sender into its blob. */
interface ArrivingPart {
  readonly manifest: Uint8Array
  readonly body: AsyncIterable<Uint8Array>
  readonly writer: BlobWriter
  readonly stored: StoredBlocks<unknown>
}

async function storeBlocks(
  engine: Engine,
  { range: [first], map }: JudgedPart,
  { manifest, body, writer, stored }: ArrivingPart,
): Promise<void> {
  let storing: Promise<void> = Promise.resolve()
  try {
    for await (const { index: offset, bytes, release } of inBlocks(body)) {
      const index = first + offset
      if (map.has(index)) {
        release()
        continue
      }
      await storing
      if (Buffer.compare(engine.blake3.digest(bytes), manifestDigest(manifest, index)) !== 0) {
        throw new ProtocolError('block-mismatch', `Block ${index} is not the one in the manifest.`, {
          members: { block: index },
        })
      }
      storing = writer
        .writeBlock(index, bytes)
        .finally(release)
        .then(() => stored.add(index))
      storing.catch(() => undefined)
    }
    await storing
  } finally {
    // Blocks that arrived whole before a failure count; a write that failed has thrown above or throws here no more.
    await storing.catch(() => undefined)
  }
}

/** Commits the last blocks, and starts what waits for the content where they made it complete. */
async function finish(
  engine: Engine,
  content: ContentRecord,
  stored: StoredBlocks<ContentRecord | undefined>,
): Promise<PartAcknowledgement> {
  const record = await stored.finish()
  if (!record) return acknowledgeElsewhere(engine, content)
  await useContent(engine, record)
  if (record.missingBlocks > 0) await engine.room.keep(content.blob)
  else {
    // Not only by who saw it completed: that process may have died before it came to this.
    await contentCompleted(engine, content)
    await engine.room.letGo(content.blob)
  }
  return acknowledgement(record, false)
}

function bytesOf({ size }: ContentRecord, blocks: readonly BlockRange[]): number {
  return blocks.reduce((sum, range) => sum + rangeBytes(size, range), 0)
}

/** The blob is nobody's by now: the content was stored from elsewhere meanwhile, or deleted. */
async function acknowledgeElsewhere(engine: Engine, content: ContentRecord): Promise<PartAcknowledgement> {
  await engine.blobs.delete(content.blob)
  const current = await findCompleteContent(engine, content)
  if (current) return acknowledgement(current, false)
  throw new ProtocolError('content-not-found', 'The content was deleted meanwhile: declare it again.')
}

function acknowledgement(record: ContentRecord, isInFlight: boolean): PartAcknowledgement {
  const { missingBlocks } = record
  return {
    missingBlocks,
    state: missingBlocks === 0 ? 'COMPLETE' : 'PARTIAL',
    ...(isInFlight ? { inFlight: true } : {}),
  }
}

import { randomUUID } from 'node:crypto'
import {
  BLOCK_BYTES,
  type BlockRange,
  blockLength,
  DIGEST_BYTES,
  manifestDigest,
  ProtocolError,
  type StreamPartAcknowledgement,
} from '@opcache/protocol'
import type { KnownStreamBlock, StreamBlock, StreamRecord, StreamRef } from '../../ports/stream-store.js'
import type { Caller } from '../caller.js'
import { tooLarge } from '../contents/store-content.js'
import { unknownContent } from '../contents/unknown-content.js'
import type { Engine } from '../engine.js'
import type { Admission } from '../upkeep/admissions.js'
import type { ReservedRoom } from '../upkeep/room.js'
import { findStream } from './find-stream.js'

/** The most blocks whose digests a part's head carries. */
const MAX_ANNOUNCED_BLOCKS = 64

/** What the head of a part says. */
export interface AnnouncedPart {
  readonly first: number
  readonly lengthBytes: number
  /** Of the blocks in order, 32 bytes each. */
  readonly digests: Uint8Array
}

/** A part of a stream that was judged by its head alone, before any byte of it was read. */
export interface JudgedStreamPart {
  readonly caller: Caller
  readonly ref: StreamRef
  readonly range: BlockRange
  readonly blocks: readonly StreamBlock[]
  /** The stream's, or the one that it would be created with. */
  readonly blob: string
  /** Undefined: this part creates it. */
  readonly stream: StreamRecord | undefined
  /** Indices of the blocks that are present already. */
  readonly present: ReadonlySet<number>
}

/**
 * Judges a part of a stream by its address, its length and its digests.
 *
 * @throws ProtocolError `content-not-found` for the stream of another user; `bad-request`, `too-large`;
 * `content-mismatch` where a block is another one, or the stream is sealed and has no such block.
 */
export async function judgeStreamPart(
  engine: Engine,
  caller: Caller,
  ref: StreamRef,
  announced: AnnouncedPart,
): Promise<JudgedStreamPart> {
  const blocks = announcedBlocks(engine, announced)
  const range: BlockRange = [announced.first, blocks.length]
  const found = await engine.streams.get(ref)
  if (found && found.owner !== caller.user) throw unknownContent()
  const stream = found && (await findStream(engine, caller.user, ref))
  const known = stream ? await knownBlocks(engine, stream, range) : []
  const present = new Set<number>()
  for (const { index, isPresent, length, digest } of known) {
    const block = blocks[index - announced.first]
    if (block?.length !== length || Buffer.compare(block.digest, digest) !== 0) throw otherBlock(index)
    if (isPresent) present.add(index)
  }
  if (present.size < blocks.length && stream && stream.phase.state !== 'OPEN') throw sealedAlready(stream)
  if (stream?.phase.state === 'OPEN') await engine.room.keep(stream.blob)
  return { caller, ref, range, blocks, blob: stream?.blob ?? randomUUID(), stream, present }
}

/** Lets its sender begin the stream, where it is new, and send what is missing. @throws ProtocolError `rate-limited` */
export function admitStreamPart(engine: Engine, part: JudgedStreamPart): Promise<Admission> {
  return engine.admissions.admit(part.caller, { uploads: part.stream ? 0 : 1, bytes: missingBytes(part) })
}

/** Reserves the room for what is missing of a part. @throws ProtocolError `storage-full` */
export function reserveStreamPart(engine: Engine, part: JudgedStreamPart): Promise<ReservedRoom> {
  return engine.room.reserve(part.blob, missingBytes(part))
}

function missingBytes({ blocks, present }: JudgedStreamPart): number {
  const missing = blocks.filter(({ index }) => !present.has(index))
  return missing.reduce((sum, { length }) => sum + length, 0)
}

/** The answer to a part of which all is present; undefined when something of it is wanted. */
export function presentStreamPart({ stream, blocks, present }: JudgedStreamPart) {
  return stream && present.size === blocks.length ? streamAcknowledgement(stream) : undefined
}

/** A part that need not be sent, or one that is received on this connection from now until `release` is called. */
export type ClaimedStreamPart =
  | { readonly unwanted: StreamPartAcknowledgement }
  | { readonly release: () => void }

/** Claims a part whose sender waits, unless it is being received on other connections right now. */
export async function claimStreamPart(
  engine: Engine,
  { stream, range, present }: JudgedStreamPart,
): Promise<ClaimedStreamPart> {
  // Nobody can be sending what belongs to no stream yet.
  if (!stream) return { release: () => undefined }
  const release = await engine.inFlight.claim(stream.blob, range, index => !present.has(index))
  return release ? { release } : { unwanted: { ...streamAcknowledgement(stream), inFlight: true } }
}

export function streamAcknowledgement({ phase, presentBlocks }: StreamRecord): StreamPartAcknowledgement {
  return { state: phase.state === 'OPEN' ? 'OPEN' : 'SEALED', presentBlocks }
}

/** An index that has other bytes: two sources were sent under one name. */
export function otherBlock(index: number): ProtocolError {
  return new ProtocolError(
    'content-mismatch',
    `Block ${index} of this stream is another one: other bytes go into a stream of their own.`,
    { members: { block: index } },
  )
}

function sealedAlready({ presentBlocks }: StreamRecord): ProtocolError {
  return new ProtocolError(
    'content-mismatch',
    `The stream is sealed with ${presentBlocks} block(s) and takes no others.`,
  )
}

/** Only the last block of a part may be short: which one is the stream's last, nobody knows yet. */
function announcedBlocks(engine: Engine, { first, lengthBytes, digests }: AnnouncedPart): StreamBlock[] {
  const { unitBlocks, maxPartBlocks } = engine.blobs.capabilities
  const count = Math.ceil(lengthBytes / BLOCK_BYTES)
  const most = Math.min(maxPartBlocks, MAX_ANNOUNCED_BLOCKS)
  if (count > most) {
    throw new ProtocolError('too-large', `A part of a stream has at most ${most} blocks, not ${count}.`)
  }
  if (first * BLOCK_BYTES + lengthBytes > engine.limits.maxContentBytes) throw tooLarge(engine)
  if (count === 0 || first % unitBlocks !== 0) {
    throw new ProtocolError(
      'bad-request',
      `${lengthBytes} bytes from block ${first} are no part of a stream: a part is whole units of ${unitBlocks} ` +
        `block(s) of ${BLOCK_BYTES} bytes, and only its last block may be shorter.`,
    )
  }
  if (digests.length !== count * DIGEST_BYTES) {
    const announced = digests.length / DIGEST_BYTES
    throw new ProtocolError(
      'bad-request',
      `A part of ${count} block(s) has as many digests, not ${announced}.`,
    )
  }
  return Array.from({ length: count }, (_, offset) => ({
    index: first + offset,
    length: blockLength(lengthBytes, offset),
    digest: manifestDigest(digests, offset),
  }))
}

/** A sealed stream has the blocks of its content, for as long as that is stored. */
async function knownBlocks(
  engine: Engine,
  stream: StreamRecord,
  range: BlockRange,
): Promise<KnownStreamBlock[]> {
  const { phase, space } = stream
  if (phase.state === 'OPEN') return engine.streams.blocks(stream, stream.blob, range)
  const ref = { space, id: phase.content }
  const content = await engine.contents.get(ref)
  const manifest = content && (await engine.contents.manifest(ref, content.blob))
  if (!manifest) return []
  const [first, count] = range
  const known: KnownStreamBlock[] = []
  for (let index = first; index < Math.min(first + count, stream.presentBlocks); index++) {
    const length = blockLength(phase.size, index)
    known.push({ index, length, digest: manifestDigest(manifest, index), isPresent: true })
  }
  return known
}

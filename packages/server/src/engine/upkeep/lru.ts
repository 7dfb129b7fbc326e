import type { ContentRecord } from '../../ports/content-store.js'
import type { Drivers } from '../../ports/drivers.js'
import { contentBytes, streamBytes } from '../../ports/stored-bytes.js'
import type { StreamRecord } from '../../ports/stream-store.js'
import type { Holds } from '../contents/holds.js'
import { isUnderWay } from '../entries/is-under-way.js'

/** Records that one step looks at. */
const BATCH = 50

/** Tells of holds that are over before the time in their records. */
export type EndedHolds = Pick<Holds, 'isOver' | 'takeOver'>

/** What an eviction works with. */
export interface EvictionContext {
  readonly drivers: Pick<Drivers, 'blobs' | 'contents' | 'entries' | 'ledger' | 'streams'>
  /** Holds of this process. @default none */
  readonly holds?: EndedHolds
  readonly now: number
  /** When what is used now expires. */
  readonly expiresAt: number
  /** Nobody else has the store open: what is held is held for nobody. @default false */
  readonly isAlone?: boolean
  /** What attempts work on goes as well. @default false */
  readonly isClearing?: boolean
}

/** A content or a stream that nobody used for the longest time, and what its end would free. */
type Candidate =
  | { readonly content: ContentRecord; readonly expiresAt: number; readonly bytes: number }
  | { readonly stream: StreamRecord; readonly expiresAt: number; readonly bytes: number }

/**
 * Forgets contents and streams, the least recently used first, while `isWanted` for the bytes that were freed so far.
 * Everything is kept equally long after its last use, so the order of expiry is that of use. What is in use stays: what is
 * held, what bytes are coming for, and what an attempt works on or waits for; it moves to the end of the order, so that it
 * is not looked at again and again. Gives up where `mostInUse` of that were met; the next eviction meets others.
 */
export async function evictWhile(
  context: EvictionContext,
  isWanted: (freedBytes: number, next: { readonly expiresAt: number }) => boolean,
  mostInUse = Number.POSITIVE_INFINITY,
): Promise<{ bytes: number; contents: number }> {
  const freed = { bytes: 0, contents: 0 }
  const inUse = new Set<string>()
  for (;;) {
    const candidates = await leastRecentlyUsed(context)
    for (const candidate of candidates) {
      const { blob } = 'content' in candidate ? candidate.content : candidate.stream
      // What was moved to the end comes again: all the others are gone.
      if (inUse.has(blob) || !isWanted(freed.bytes, candidate)) return freed
      if (!(await evictCandidate(context, candidate))) {
        inUse.add(blob)
        if (inUse.size >= mostInUse) return freed
        continue
      }
      freed.bytes += candidate.bytes
      if ('content' in candidate) freed.contents += 1
    }
    if (candidates.length === 0) return freed
  }
}

/** Bytes that `evictWhile` could free, counted until they are enough: that costs no more than an eviction. */
export async function evictableBytes(context: EvictionContext, enoughBytes: number): Promise<number> {
  const { contents, streams } = context.drivers
  let bytes = 0
  for await (const content of contents.all()) {
    if (bytes >= enoughBytes) return bytes
    if (await isUnused(context, content)) bytes += contentBytes(content)
  }
  for await (const stream of streams.all()) {
    if (bytes >= enoughBytes) return bytes
    if (!(await isComing(context, stream))) bytes += streamBytes(stream)
  }
  return bytes
}

async function leastRecentlyUsed({ drivers }: EvictionContext): Promise<Candidate[]> {
  const [contents, streams] = await Promise.all([
    drivers.contents.expired(Number.MAX_SAFE_INTEGER, BATCH),
    drivers.streams.expired(Number.MAX_SAFE_INTEGER, BATCH),
  ])
  const candidates: Candidate[] = [
    ...contents.map(content => ({ content, expiresAt: content.expiresAt, bytes: contentBytes(content) })),
    ...streams.map(stream => ({ stream, expiresAt: stream.expiresAt, bytes: streamBytes(stream) })),
  ]
  return candidates.sort((a, b) => a.expiresAt - b.expiresAt).slice(0, BATCH)
}

/** The record goes first: bytes without a record cost space, a record without bytes would cost trust. */
async function evictCandidate(context: EvictionContext, candidate: Candidate): Promise<boolean> {
  const { blobs, contents, streams } = context.drivers
  const { expiresAt, now, holds, isAlone = false, isClearing = false } = context
  if ('content' in candidate) {
    const { content } = candidate
    const isKept = !(isAlone && isClearing) && (await isNeeded(context.drivers, content))
    const over = isKept ? undefined : holds?.takeOver(content)
    const unused = isAlone ? undefined : { expiredAt: content.expiresAt, at: now, ...(over && { over }) }
    const isGone = !isKept && (await contents.delete(content, content.blob, unused))
    if (isGone) await blobs.delete(content.blob)
    else await contents.extend(content, expiresAt)
    return isGone
  }
  const { stream } = candidate
  const isGone =
    !(await isComing(context, stream)) && (await streams.delete(stream, stream.blob, stream.expiresAt))
  if (!isGone) await streams.extend(stream, expiresAt)
  else if (stream.phase.state === 'OPEN') await blobs.delete(stream.blob)
  return Boolean(isGone)
}

async function isUnused(context: EvictionContext, content: ContentRecord): Promise<boolean> {
  const isHeld = (content.heldUntil ?? 0) > context.now && !context.holds?.isOver(content)
  if (isHeld || (await context.drivers.ledger.isReserved(content.blob))) return false
  return !(await isNeeded(context.drivers, content))
}

/** Whether bytes come for a stream, or it is about to be a content: nobody can tell whose its bytes will be. */
async function isComing({ drivers }: EvictionContext, { phase, blob }: StreamRecord): Promise<boolean> {
  return phase.state === 'SEALING' || drivers.ledger.isReserved(blob)
}

/** Whether an attempt works on a content or waits to; entries that are registered for nothing any more are forgotten. */
export async function isNeeded(
  { contents, entries }: Pick<Drivers, 'contents' | 'entries'>,
  content: ContentRecord,
): Promise<boolean> {
  for (const key of await contents.dependents(content)) {
    const entry = await entries.get(content.space, key)
    if (entry && isUnderWay(entry)) return true
    if (entry?.phase.state !== 'UPLOADING') await contents.removeDependent(content, key)
  }
  return false
}

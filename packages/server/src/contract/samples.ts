import { createHash, randomUUID } from 'node:crypto'
import {
  Accumulator,
  BLOCK_BYTES,
  type ContentId,
  type EntryKey,
  loadBlake3,
  type StreamId,
} from '@opcache/protocol'
import type { ContentRef, NewContent } from '../ports/content-store.js'
import type { EntryRecord } from '../ports/entry-store.js'
import type { Job } from '../ports/operation-queue.js'
import { spaceOf } from '../ports/space.js'
import type { NewStream, StreamBlock, StreamEnd, StreamRef } from '../ports/stream-store.js'

const blake3 = await loadBlake3()

/** The space of samples that name no other. */
export const SPACE = spaceOf('tests')

/** 64 hex digits: an entry's key. */
export function sampleKey(name: string): EntryKey {
  return createHash('sha256').update(name).digest('hex') as EntryKey
}

/** An entry as an open makes it. */
export function sampleEntry(changes: Partial<EntryRecord> & { name?: string } = {}): EntryRecord {
  const { name = 'entry', ...members } = changes
  return {
    space: SPACE,
    key: sampleKey(name),
    namespace: 'tests',
    creator: 'ada',
    incarnation: randomUUID(),
    revision: 1,
    attempt: 0,
    descriptor: { v: 1, content: sampleKey('source'), operation: { name: 'copy', params: {} } },
    operationVersion: '1',
    createdAt: 1000,
    updatedAt: 1000,
    expiresAt: 1_000_000,
    phase: { state: 'UPLOADING' },
    ...members,
  }
}

/** The entry after a change. */
export function changed(entry: EntryRecord, changes: Partial<EntryRecord>): EntryRecord {
  return { ...entry, ...changes, revision: entry.revision + 1 }
}

/** Names a content. */
export function sampleRef(name = 'content'): ContentRef {
  return { space: SPACE, id: sampleKey(name) as string as ContentId }
}

/** A content of so many blocks, the last one short. */
export function sampleContent(blocks: number, changes: Partial<NewContent> = {}): NewContent {
  const size = blocks === 0 ? 0 : (blocks - 1) * BLOCK_BYTES + 5
  return { ...sampleRef(), size, blob: randomUUID(), createdAt: 1000, expiresAt: 1_000_000, ...changes }
}

/** Bytes of a manifest of so many blocks, every one different. It certifies nothing: that is no matter of a store. */
export function sampleManifest(blocks: number): Uint8Array {
  const digests = Array.from({ length: blocks }, (_, index) =>
    createHash('sha256').update(String(index)).digest(),
  )
  return new Uint8Array(Buffer.concat(digests))
}

/** Names a stream. */
export function sampleStreamRef(number = 0): StreamRef {
  const digits = String(number).padStart(12, '0')
  return { space: SPACE, id: `u-00000000-0000-4000-8000-${digits}` as StreamId }
}

/** A stream as its first part makes it. */
export function sampleStream(changes: Partial<NewStream> = {}): NewStream {
  const made = { owner: 'ada', account: 'ada', blob: randomUUID(), createdAt: 1000, expiresAt: 1_000_000 }
  return { ...sampleStreamRef(), ...made, ...changes }
}

/** Bytes of a block that is not the last. */
export const FULL = BLOCK_BYTES

/** Blocks of these lengths from index 0, every one different, and other ones with another `seed`. */
export function streamBlocksOf(
  lengths: readonly number[],
  seed = '',
): (StreamBlock & { readonly digest: Buffer })[] {
  return lengths.map((length, index) => {
    const digest = createHash('sha256').update(`${seed} ${index}`).digest()
    return { index, length, digest }
  })
}

/** What a stream of these blocks is, whatever their lengths. */
export function endOf(blocks: readonly StreamBlock[]): StreamEnd {
  const sum = new Accumulator(blake3)
  let size = 0
  for (const { index, length, digest } of blocks) {
    sum.add(index, length, digest)
    size += length
  }
  return { content: sum.contentId(size), size }
}

/** A job of the operation `copy`. */
export function sampleJob(name: string, changes: Partial<Job> = {}): Job {
  return {
    space: SPACE,
    key: sampleKey(name),
    incarnation: 'incarnation',
    attempt: 1,
    operation: 'copy',
    ...changes,
  }
}

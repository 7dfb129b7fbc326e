import { ContentHasher, type ContentId, type ContentIdentity, loadBlake3 } from '@opcache/protocol'
import type { CallOptions, OpcacheOptions } from '../options.js'
import { FileSource } from '../source/file-source.js'
import { locateSource } from '../source/locate-source.js'
import type { Source } from '../source/source.js'
import { spool } from '../source/spool.js'
import type { SourceReader, StoredSource } from '../source/stored-source.js'
import { type Call, callOf } from '../transport/call.js'
import type { Identified } from './identified.js'
import { IdentityIndex } from './identity-index.js'

const SMALLEST_FOR_THREADS_BYTES = 512 * 2 ** 20

/** Hashes a source. @throws SourceError, SourceChangedError */
export async function identify(source: Source, options: CallOptions = {}): Promise<Identified> {
  return identifyIn(source, callOf(options))
}

/**
 * The content id and size in bytes of a source; needs no server. With `identityFolder`, that of a client, a large file that
 * is unchanged since it was hashed is not hashed again.
 *
 * @throws SourceError, SourceChangedError
 */
export async function hashSource(
  source: Source,
  { identityFolder, ...options }: CallOptions & Pick<OpcacheOptions, 'identityFolder'> = {},
): Promise<{ id: ContentId; size: number }> {
  const index = identityFolder === undefined ? undefined : new IdentityIndex(identityFolder)
  const identified = await identifyIn(source, callOf(options), index)
  await identified.close()
  return { id: identified.id, size: identified.size }
}

/** As {@link identify}, as a stage of a call; a file that `index` knows is not read. */
export async function identifyIn(
  source: Source,
  call: Call,
  index?: IdentityIndex | undefined,
): Promise<Identified> {
  const located = await locateSource(source)
  if (located.kind === 'stored') {
    const { source: stored } = located
    const hashed = index && stored instanceof FileSource ? indexed(stored, call, index) : hash(stored, call)
    return new IdentifiedSource(await hashed, stored)
  }
  const spooled = await spool(located.feed, {
    signal: call.signal,
    onBytes: bytes => call.progress.report({ phase: 'hashing', bytes }),
  })
  return new IdentifiedSource(spooled, spooled.source)
}

/** The identity that a file had when it was last hashed, as long as it is unchanged. */
async function indexed(source: FileSource, call: Call, index: IdentityIndex): Promise<ContentIdentity> {
  const locatedAt = Date.now()
  const known = await index.find(source)
  if (known) {
    call.progress.report({ phase: 'hashing', bytes: source.size, totalBytes: source.size })
    return known
  }
  const identity = await hash(source, call)
  await index.keep(source, identity, locatedAt)
  return identity
}

/** What both ways of hashing are given. */
interface Hashing {
  readonly totalBytes: number
  readonly signal: AbortSignal | undefined
  onBytes(hashedBytes: number): void
}

async function hash(source: StoredSource, call: Call): Promise<ContentIdentity> {
  const { size: totalBytes } = source
  let furthest = 0
  const onBytes = (bytes: number) => {
    // What threads had hashed before one failed is not told again.
    if (bytes <= furthest) return
    furthest = bytes
    call.progress.report({ phase: 'hashing', bytes, totalBytes })
  }
  const hashing = { totalBytes, signal: call.signal, onBytes }
  const reader = await source.open()
  try {
    const identity = (await hashByThreads(reader, hashing)) ?? (await hashHere(reader, hashing))
    await reader.assertUnchanged()
    return identity
  } finally {
    await reader.close()
  }
}

/** Large files only: to start threads takes longer than to hash the others. */
async function hashByThreads(
  { descriptor }: SourceReader,
  { totalBytes, ...hashing }: Hashing,
): Promise<ContentIdentity | undefined> {
  if (descriptor === undefined || totalBytes < SMALLEST_FOR_THREADS_BYTES) return undefined
  const { hashInThreads } = await import('./hash-in-threads.js')
  return hashInThreads(descriptor, totalBytes, hashing)
}

async function hashHere(
  reader: SourceReader,
  { totalBytes, signal, onBytes }: Hashing,
): Promise<ContentIdentity> {
  const hasher = new ContentHasher(await loadBlake3())
  for await (const chunk of reader.chunks(0, totalBytes)) {
    signal?.throwIfAborted()
    hasher.update(chunk)
    onBytes(hasher.size)
  }
  signal?.throwIfAborted()
  return hasher.finish()
}

class IdentifiedSource implements Identified {
  readonly id: ContentId
  readonly size: number
  readonly manifest: Uint8Array
  readonly source: StoredSource

  constructor(identity: ContentIdentity, source: StoredSource) {
    this.id = identity.id
    this.size = identity.size
    this.manifest = identity.manifest
    this.source = source
  }

  close(): Promise<void> {
    return this.source.dispose()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

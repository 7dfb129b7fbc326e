import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { SourceError } from '../errors/source-error.js'
import { BlobSource } from './blob-source.js'
import { type ChunkFeed, chunkFeed } from './chunk-feed.js'
import { FileSource } from './file-source.js'
import { MemorySource } from './memory-source.js'
import { isResultSource } from './result-source.js'
import type { Source } from './source.js'
import type { StoredSource } from './stored-source.js'
import { unreadable } from './unreadable.js'

/** Where the bytes of a source are: somewhere they can be read again, or in a feed that is over once it was read. */
export type LocatedSource =
  | { readonly kind: 'stored'; readonly source: StoredSource }
  | { readonly kind: 'feed'; readonly feed: ChunkFeed }

/** Finds out how to read a source. @throws SourceError */
export async function locateSource(source: Source): Promise<LocatedSource> {
  if (typeof source === 'string') return locateFile(source)
  if (source instanceof URL) return locateFile(pathOf(source))
  if (source instanceof Uint8Array) return { kind: 'stored', source: new MemorySource([source]) }
  if (source instanceof ArrayBuffer) {
    return { kind: 'stored', source: new MemorySource([new Uint8Array(source)]) }
  }
  if (source instanceof Blob) return { kind: 'stored', source: new BlobSource(source) }
  return { kind: 'feed', feed: feedOf(isResultSource(source) ? source.stream() : source) }
}

async function locateFile(path: string): Promise<LocatedSource> {
  const stats = await stat(path, { bigint: true }).catch(error => {
    throw unreadable(path, error)
  })
  if (stats.isDirectory()) {
    throw new SourceError('source-is-directory', `${path} is a folder; name a file in it.`)
  }
  if (stats.isFile()) return { kind: 'stored', source: new FileSource(path, stats) }
  // Pipes and devices have no length and give their bytes once.
  return { kind: 'feed', feed: feedOf(createReadStream(path)) }
}

function pathOf(url: URL): string {
  if (url.protocol !== 'file:') {
    throw new SourceError('source-unsupported', `${url.href} is not a file: URL. Fetch it and give its body.`)
  }
  return fileURLToPath(url)
}

function feedOf(source: unknown): ChunkFeed {
  let feed: ChunkFeed | undefined
  try {
    feed = chunkFeed(source)
  } catch (error) {
    throw new SourceError(
      'source-unreadable',
      'The source stream is being read by somebody else, or was read already.',
      error,
    )
  }
  if (feed) return feed
  throw new SourceError(
    'source-unsupported',
    `A source is a path, bytes, a Blob or a stream of bytes, not ${source === null ? 'null' : `a ${typeof source}`}.`,
  )
}

import type { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { CachedResult } from '../run/run-result.js'

/**
 * What bytes can be taken from: a path, a `file:` URL, bytes in memory, a Blob or File, or anything that yields chunks.
 * What yields chunks is read once and kept, in memory up to 16 MiB, beyond that in a temporary file. A result of an
 * earlier run is known to the server already: its bytes do not move, unless the server has lost them.
 */
export type Source =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | Blob
  | Readable
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | CachedResult

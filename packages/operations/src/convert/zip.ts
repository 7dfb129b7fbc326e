import { OperationError } from '@opcache/server/operation'
import { Zip, ZipDeflate } from 'fflate'

/** A file of an archive. */
export interface ZipEntry {
  readonly name: string
  readonly bytes: Uint8Array
}

/** The earliest date that an archive can hold, so that equal files make equal archives; zip dates are local times. */
const date = new Date(1980, 0, 1)

/** What an archive can hold without the 64-bit extension, less some space for its directory. */
const maxZipBytes = 2 ** 32 - 2 ** 24

/**
 * An archive of entries, piece by piece; one entry is held at a time.
 *
 * @throws OperationError when it would grow past 4 GiB.
 */
export async function* zip(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Uint8Array> {
  const pieces: Uint8Array[] = []
  let size = 0
  let failure: Error | null = null
  const archive = new Zip((error, piece) => {
    if (error !== null) failure = error
    else pieces.push(piece)
  })
  for await (const { name, bytes } of entries) {
    // Deflated, because readers that stream cannot find the end of a file that is only stored.
    const entry = new ZipDeflate(name, { level: 1 })
    entry.mtime = date
    archive.add(entry)
    entry.push(bytes, true)
    if (failure !== null) throw failure
    for (const piece of pieces) size += piece.length
    if (size > maxZipBytes)
      throw new OperationError('the zip would be larger than 4 GiB: ask for fewer pages at a time')
    yield* pieces.splice(0)
  }
  archive.end()
  yield* pieces
}

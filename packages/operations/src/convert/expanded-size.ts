import { OperationError } from '@opcache/server/operation'
import yauzl from 'yauzl'
import { inMebibytes } from './wording.js'

/** The most that the files in an office document may have together, in bytes. */
const maxExpandedBytes = 2 ** 30

/**
 * Refuses an office document, a zip, whose files would be a flood once they are expanded; asks its directory, and
 * expands nothing.
 *
 * @throws OperationError for too much; whatever the library throws where it is no whole zip.
 */
export async function checkExpandedSize(path: string, label: string): Promise<void> {
  const archive = await yauzl.openPromise(path)
  let size = 0
  for await (const file of archive.eachEntry()) {
    size += file.uncompressedSize
    if (size <= maxExpandedBytes) continue
    throw new OperationError(
      `${label} that expands to more than ${inMebibytes(maxExpandedBytes)} is too large to convert`,
    )
  }
}

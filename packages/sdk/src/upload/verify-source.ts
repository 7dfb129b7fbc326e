import {
  BLOCK_BYTES,
  type BlockRange,
  blockLength,
  type ContentIdentity,
  loadBlake3,
  manifestDigest,
} from '@opcache/protocol'
import { SourceChangedError } from '../errors/source-changed-error.js'
import type { StoredSource } from '../source/stored-source.js'

/**
 * After a server found other bytes than were announced: tells whether they are others at the source.
 *
 * @throws SourceChangedError
 */
export async function verifySource(
  source: StoredSource,
  identity: ContentIdentity,
  [first, count]: BlockRange,
): Promise<void> {
  const blake3 = await loadBlake3()
  const reader = await source.open()
  try {
    await reader.assertUnchanged()
    for (let index = first; index < first + count; index++) {
      const start = index * BLOCK_BYTES
      const hasher = blake3.hasher()
      for await (const chunk of reader.chunks(start, start + blockLength(identity.size, index))) {
        hasher.update(chunk)
      }
      const isSame = Buffer.compare(hasher.digest(), manifestDigest(identity.manifest, index)) === 0
      if (!isSame) throw new SourceChangedError(source.label)
    }
  } finally {
    await reader.close()
  }
}

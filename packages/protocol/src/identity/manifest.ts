import type { Blake3 } from '../blake3/blake3.js'
import { Accumulator } from './accumulator.js'
import { blockCount, blockLength } from './block.js'
import type { ContentId } from './content-id.js'

/** Bytes of a block digest. */
export const DIGEST_BYTES = 32

/** The digest of block `index` in a manifest: the digests of a content's blocks in order, 32 bytes each. */
export function manifestDigest(manifest: Uint8Array, index: number): Uint8Array {
  return manifest.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES)
}

/** Bytes of the manifest of a content of `sizeBytes`. */
export function manifestBytes(sizeBytes: number): number {
  return blockCount(sizeBytes) * DIGEST_BYTES
}

/** Adds the elements of blocks `first` to `first + count - 1` of a manifest to a sum. */
export function addManifestBlocks(
  sum: Accumulator,
  sizeBytes: number,
  manifest: Uint8Array,
  first: number,
  count: number,
): void {
  for (let index = first; index < first + count; index++) {
    sum.add(index, blockLength(sizeBytes, index), manifestDigest(manifest, index))
  }
}

/** The id of the content that a manifest describes. The manifest has exactly the blocks of `sizeBytes`. */
export function manifestContentId(blake3: Blake3, sizeBytes: number, manifest: Uint8Array): ContentId {
  const sum = new Accumulator(blake3)
  addManifestBlocks(sum, sizeBytes, manifest, 0, blockCount(sizeBytes))
  return sum.contentId(sizeBytes)
}

/** Whether `manifest` is the manifest of the content `id` of `sizeBytes`: only the id's maker could have made it. */
export function certifiesManifest(
  blake3: Blake3,
  id: ContentId,
  sizeBytes: number,
  manifest: Uint8Array,
): boolean {
  return manifest.length === manifestBytes(sizeBytes) && manifestContentId(blake3, sizeBytes, manifest) === id
}

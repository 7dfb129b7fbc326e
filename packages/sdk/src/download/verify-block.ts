import {
  type Blake3,
  type ContentId,
  certifiesManifest,
  hashContent,
  manifestDigest,
  type ResultDocument,
} from '@opcache/protocol'
import { IntegrityError } from '../errors/integrity-error.js'

/** @throws IntegrityError when `manifest` is not that of the result. */
export function verifyManifest(blake3: Blake3, { id, size }: ResultDocument, manifest: Uint8Array): void {
  if (certifiesManifest(blake3, id as ContentId, size, manifest)) return
  throw new IntegrityError(id, undefined, 'its manifest is that of something else')
}

/** @throws IntegrityError when `bytes` are not block `index` of the content that the manifest describes. */
export function verifyBlock(
  blake3: Blake3,
  id: string,
  manifest: Uint8Array,
  index: number,
  bytes: Uint8Array,
): void {
  if (Buffer.compare(blake3.digest(bytes), manifestDigest(manifest, index)) === 0) return
  throw new IntegrityError(id, index, `block ${index} has other bytes`)
}

/** @throws IntegrityError when `bytes` are not the whole content, which has one block at most. */
export function verifyWhole(blake3: Blake3, id: string, bytes: Uint8Array): void {
  if (hashContent(blake3, bytes).id === id) return
  throw new IntegrityError(id, bytes.length === 0 ? undefined : 0, 'it has other bytes')
}

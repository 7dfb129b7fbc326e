import { keysUnder, pieceKey, type RecordKey } from './records/keys.js'
import type { Table } from './records/tables.js'

/** Bytes of a piece: with the header that LMDB adds just under 16 pages, which are easier to find than thousands. */
const PIECE_BYTES = 65_504

/** Keeps the manifest of a blob. */
export function putManifest(table: Table<Uint8Array>, blob: string, manifest: Uint8Array): void {
  for (let piece = 0; piece * PIECE_BYTES < manifest.length; piece++) {
    const start = piece * PIECE_BYTES
    table.put(pieceKey(blob, piece), manifest.subarray(start, start + PIECE_BYTES))
  }
}

/** The manifest of a blob; that of the empty content has no pieces. */
export function getManifest(table: Table<Uint8Array>, blob: string): Uint8Array {
  return Buffer.concat([...table.getRange(keysUnder([blob]))].map(({ value }) => value))
}

/** Removes all pieces that are kept of a blob. */
export function removePieces(table: Table<Uint8Array>, blob: string): void {
  const keys: RecordKey[] = [...table.getKeys(keysUnder([blob]))]
  for (const key of keys) table.remove(key)
}

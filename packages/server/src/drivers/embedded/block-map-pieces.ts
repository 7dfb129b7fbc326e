import { BlockMap, type BlockRange } from '@opcache/protocol'
import { keysUnder, pieceKey } from './records/keys.js'
import type { Table } from './records/tables.js'

/** Blocks of a piece. A map is kept in pieces, so that a commit costs the same for a gigabyte and for a terabyte. */
const PIECE_BLOCKS = 8192
const PIECE_BYTES = PIECE_BLOCKS / 8

/** Marks ranges of a blob of `blocks` blocks as present and answers how many blocks were not. */
export function addToPieces(
  table: Table<Uint8Array>,
  blob: string,
  blocks: number,
  ranges: readonly BlockRange[],
): number {
  return changePieces(table, blob, blocks, ranges, (map, range) => map.add(range))
}

/** Marks ranges of a blob of `blocks` blocks as missing and answers how many blocks were present. */
export function takeFromPieces(
  table: Table<Uint8Array>,
  blob: string,
  blocks: number,
  ranges: readonly BlockRange[],
): number {
  return changePieces(table, blob, blocks, ranges, (map, range) => map.remove(range))
}

/** Changes the pieces that ranges lie in; answers the sum of what `change` answers, which is 0 where nothing changed. */
function changePieces(
  table: Table<Uint8Array>,
  blob: string,
  blocks: number,
  ranges: readonly BlockRange[],
  change: (map: BlockMap, range: BlockRange) => number,
): number {
  const pieces = new Map<number, BlockMap>()
  let changed = 0
  for (const [piece, range] of ranges.flatMap(range => [...splitRange(range, blocks)])) {
    const map = pieces.get(piece) ?? new BlockMap(PIECE_BLOCKS, table.get(pieceKey(blob, piece)))
    pieces.set(piece, map)
    changed += change(map, range)
  }
  if (changed > 0) for (const [piece, map] of pieces) table.put(pieceKey(blob, piece), map.toBytes())
  return changed
}

/** The whole map of a blob of `blocks` blocks. */
export function joinPieces(table: Table<Uint8Array>, blob: string, blocks: number): BlockMap {
  const bits = new Uint8Array(Math.ceil(blocks / PIECE_BLOCKS) * PIECE_BYTES)
  for (const { key, value } of table.getRange(keysUnder([blob])))
    bits.set(value, (key[1] as number) * PIECE_BYTES)
  return new BlockMap(blocks, bits)
}

/** A range as ranges within pieces; blocks past the end are nobody's. */
function* splitRange(
  [first, count]: BlockRange,
  blocks: number,
): Generator<[piece: number, range: BlockRange]> {
  const end = Math.min(first + count, blocks)
  for (let at = first; at < end; ) {
    const piece = Math.floor(at / PIECE_BLOCKS)
    const next = Math.min(end, (piece + 1) * PIECE_BLOCKS)
    yield [piece, [at - piece * PIECE_BLOCKS, next - at]]
    at = next
  }
}

import type { BlockRange } from '@opcache/protocol'
import type { KnownStreamBlock } from '../../ports/stream-store.js'
import { keysUnder, pieceKey } from './records/keys.js'
import type { Table } from './records/tables.js'

/** Blocks of a piece: so many that it stays well below the size from which LMDB takes pages of its own for a value. */
const PIECE_BLOCKS = 32

/** A block in a piece: what is known of it, 1 byte; its length, 4 bytes; its digest, 32 bytes. */
const SLOT_BYTES = 37
const FREE = 0
const CLAIMED = 1
const PRESENT = 2

/** The block of a blob's stream at `index`, if one is known. */
export function getStreamBlock(
  table: Table<Uint8Array>,
  blob: string,
  index: number,
): KnownStreamBlock | undefined {
  const piece = table.get(pieceKey(blob, Math.floor(index / PIECE_BLOCKS)))
  return piece && readSlot(Buffer.from(piece), index)
}

/** Keeps what is known of a block. */
export function putStreamBlock(table: Table<Uint8Array>, blob: string, block: KnownStreamBlock): void {
  const key = pieceKey(blob, Math.floor(block.index / PIECE_BLOCKS))
  const piece = Buffer.alloc(PIECE_BLOCKS * SLOT_BYTES)
  piece.set(table.get(key) ?? [])
  const at = slotOf(block.index)
  piece.writeUInt8(block.isPresent ? PRESENT : CLAIMED, at)
  piece.writeUInt32LE(block.length, at + 1)
  piece.set(block.digest, at + 5)
  table.put(key, piece)
}

/** What is known of the blocks of a blob's stream, ascending; of all of them without a range. */
export function* streamBlocks(
  table: Table<Uint8Array>,
  blob: string,
  [first, count]: BlockRange = [0, Number.MAX_SAFE_INTEGER],
): Generator<KnownStreamBlock> {
  const { end } = keysUnder([blob])
  const start = pieceKey(blob, Math.floor(first / PIECE_BLOCKS))
  for (const { key, value } of table.getRange({ start, end })) {
    const piece = Buffer.from(value)
    const base = (key[1] as number) * PIECE_BLOCKS
    if (base >= first + count) return
    for (let index = Math.max(base, first); index < Math.min(base + PIECE_BLOCKS, first + count); index++) {
      const block = readSlot(piece, index)
      if (block) yield block
    }
  }
}

function readSlot(piece: Buffer, index: number): KnownStreamBlock | undefined {
  const at = slotOf(index)
  const state = piece.readUInt8(at)
  if (state === FREE) return undefined
  const length = piece.readUInt32LE(at + 1)
  return { index, length, digest: piece.subarray(at + 5, at + SLOT_BYTES), isPresent: state === PRESENT }
}

function slotOf(index: number): number {
  return (index % PIECE_BLOCKS) * SLOT_BYTES
}

import {
  BLOCK_BYTES,
  blockCount,
  type ContentIdentity,
  type Descriptor,
  deriveEntryKey,
  hashContent,
  loadBlake3,
} from '@opcache/protocol'

const blake3 = await loadBlake3()

/** Bytes with their identity, as a client knows them. */
export interface Content extends ContentIdentity {
  readonly bytes: Buffer
  readonly blocks: number
  /** The bytes of a part. */
  part(first: number, count: number): Buffer
}

export function contentOf(bytes: Uint8Array | string): Content {
  const buffer = Buffer.from(bytes as string)
  return {
    ...hashContent(blake3, buffer),
    bytes: buffer,
    blocks: blockCount(buffer.length),
    part: (first, count) => buffer.subarray(first * BLOCK_BYTES, (first + count) * BLOCK_BYTES),
  }
}

/** Bytes of which no two blocks are alike, and other ones for another seed. */
export function bytesOf(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size)
  let state = seed * 2654435761 + 1
  for (let at = 0; at + 4 <= size; at += 64) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes.writeUInt32LE(state, at)
  }
  if (size > 0) bytes[size - 1] = seed & 255
  return bytes
}

/** The descriptor of an operation on a content. */
export function descriptorOf(
  content: { readonly id: string },
  operation = 'copy',
  params: Record<string, unknown> = {},
): Descriptor {
  return { v: 1, content: content.id, operation: { name: operation, params } }
}

export function keyOf(descriptor: Descriptor): string {
  return deriveEntryKey(blake3, descriptor)
}

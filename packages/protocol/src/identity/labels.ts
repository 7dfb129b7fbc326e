import type { Blake3 } from '../blake3/blake3.js'

const LABELS = {
  element: 'opcache v1 block element',
  contentId: 'opcache v1 content id',
  entryKey: 'opcache v1 entry key',
} as const

const keys = new Map<string, Uint8Array>()

/** The 32-byte key under which one kind of identity is hashed: `BLAKE3(utf8 label)`. */
export function labelKey(blake3: Blake3, label: keyof typeof LABELS): Uint8Array {
  const known = keys.get(label)
  if (known) return known
  const key = blake3.digest(new TextEncoder().encode(LABELS[label]))
  keys.set(label, key)
  return key
}

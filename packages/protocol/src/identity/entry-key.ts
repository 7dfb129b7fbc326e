import canonicalize from 'canonicalize'
import type { Blake3 } from '../blake3/blake3.js'
import type { Descriptor } from '../messages/descriptor.js'
import { isUnshared } from './content-id.js'
import { toHex } from './hex.js'
import { labelKey } from './labels.js'

declare const entryKey: unique symbol

/** The name of an entry: 64 lower-case hex digits derived from its descriptor, or `u-<uuid>` for an unshared one. */
export type EntryKey = string & { readonly [entryKey]: true }

/** `text` as an entry key, or undefined when it is none. */
export function parseEntryKey(text: string): EntryKey | undefined {
  return /^[0-9a-f]{64}$/.test(text) || isUnshared(text) ? (text as EntryKey) : undefined
}

/** The key of a descriptor: the keyed hash of its canonical form. */
export function deriveEntryKey(blake3: Blake3, descriptor: Descriptor): EntryKey {
  const canonical = new TextEncoder().encode(canonicalDescriptor(descriptor))
  return toHex(blake3.keyed(labelKey(blake3, 'entryKey'), canonical)) as EntryKey
}

/**
 * The descriptor as RFC 8785 canonical JSON: two descriptors are the same when their canonical forms are.
 *
 * @throws for what I-JSON cannot carry: NaN, infinities, lone surrogates.
 */
export function canonicalDescriptor(descriptor: Descriptor): string {
  return canonicalize(descriptor) as string
}

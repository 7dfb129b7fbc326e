import { type Descriptor, deriveEntryKey, type EntryKey, loadBlake3 } from '@opcache/protocol'

/** The key of the entry that a descriptor describes; needs no server. */
export async function keyOf(descriptor: Descriptor): Promise<EntryKey> {
  return deriveEntryKey(await loadBlake3(), descriptor)
}

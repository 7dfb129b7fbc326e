import type { Descriptor, EntryDocument, EntryKey } from '@opcache/protocol'
import type { Identified } from '../identify/identified.js'

/** An entry that was asked for, and the source to upload where the server lacks it. */
export interface Opened {
  readonly key: EntryKey
  readonly descriptor: Descriptor
  /** Whether source and result are confined to the caller's private space. */
  readonly isPrivate: boolean
  /** What the server answered. */
  readonly entry: EntryDocument
  readonly identified: Identified
}

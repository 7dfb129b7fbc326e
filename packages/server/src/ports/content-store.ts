import type { BlockMap, BlockRange, ContentId, EntryKey } from '@opcache/protocol'
import type { SpaceId } from './space.js'

/** Names a content in its space. */
export interface ContentRef {
  readonly space: SpaceId
  readonly id: ContentId
}

/** What is known of a named content. Times are milliseconds since 1970. */
export interface ContentRecord extends ContentRef {
  /** Bytes. */
  readonly size: number
  /** Names the blob that holds the bytes; another one when the content is declared anew after a deletion. */
  readonly blob: string
  /** Whose unfinished uploads it counts among until it is complete; nobody's where it is absent. */
  readonly account?: string
  /** Nobody may evict it before; absent where it was never held. */
  readonly heldUntil?: number
  /** 0: the content is complete. */
  readonly missingBlocks: number
  /**
   * Set while blocks that are marked as present may not have their bytes: the content was partial when a process died
   * or the machine stopped. Names the doubt, for `settleDoubt`. A complete content is never in doubt.
   */
  readonly doubt?: number
  readonly createdAt: number
  readonly expiresAt: number
}

/** A content to be stored, as its declarer or writer knows it. */
export type NewContent = Omit<ContentRecord, 'missingBlocks' | 'doubt' | 'heldUntil'>

/** What must still be so of something that is deleted because nobody uses it. Milliseconds since 1970. */
export interface Unused {
  /** It was not extended beyond this time. */
  readonly expiredAt: number
  /** It is not held at this time. */
  readonly at: number
  /** A hold until exactly this time does not count any more. @default none */
  readonly over?: number
}

/**
 * Keeps what is known of contents: records, manifests, block maps, and the entries that wait for them.
 *
 * After an unclean stop (a process that had the store open ended without closing it, or the machine started again) the
 * partial contents of that time MUST be in doubt for every process, until `settleDoubt` says which blocks they have.
 * After a clean stop none MUST be.
 */
export interface ContentStore {
  /** The record, or undefined. */
  get(ref: ContentRef): Promise<ContentRecord | undefined>

  /**
   * Stores a content of which no block is present (the empty content is complete at once), with its certified manifest.
   * Where the content is known already, MUST change nothing and answer the record that is there.
   */
  declare(content: NewContent, manifest: Uint8Array): Promise<ContentRecord>

  /**
   * Stores a content whose blob is complete. A complete content that is there already MUST stay; a partial one MUST be
   * replaced. Answers the record that stands now and, as `unused`, the blob that nothing names any more: the given one
   * or the replaced one.
   */
  publish(content: NewContent, manifest: Uint8Array): Promise<{ record: ContentRecord; unused?: string }>

  /** The manifest, or undefined when the content is unknown or its blob is another one. */
  manifest(ref: ContentRef, blob: string): Promise<Uint8Array | undefined>

  /** Which blocks are present, or undefined when the content is unknown or its blob is another one. */
  blockMap(ref: ContentRef, blob: string): Promise<BlockMap | undefined>

  /**
   * Marks blocks as present whose bytes are stored in `blob`, in one atomic step, and answers the record after it.
   * Committing a block again MUST change nothing. Undefined when the content is unknown or its blob is another one.
   * Exactly one caller MUST see `completed`: the one whose blocks were the last. While the content is in doubt it MUST
   * change nothing, and the record says so.
   */
  commitBlocks(
    ref: ContentRef,
    blob: string,
    blocks: readonly BlockRange[],
  ): Promise<{ record: ContentRecord; completed: boolean } | undefined>

  /**
   * Ends a doubt, after every present block was compared with the manifest: marks the `lost` ones as missing, in one
   * atomic step, and answers the record after it. Where that doubt is settled already, MUST change nothing: the blocks
   * may have come again. Undefined when the content is unknown or its blob is another one.
   */
  settleDoubt(
    ref: ContentRef,
    blob: string,
    doubt: number,
    lost: readonly BlockRange[],
  ): Promise<ContentRecord | undefined>

  /**
   * Marks present blocks as missing whose bytes turned out to be damaged, in one atomic step, and answers the record after
   * it: a complete content is partial then. Undefined when the content is unknown or its blob is another one.
   */
  withdraw(ref: ContentRef, blob: string, blocks: readonly BlockRange[]): Promise<ContentRecord | undefined>

  /**
   * Moves `expiresAt`, and `heldUntil` where it is given, to the given times where they are later; never back. Answers
   * whether the content is there.
   */
  extend(ref: ContentRef, expiresAt: number, heldUntil?: number): Promise<boolean>

  /**
   * Removes the content, its manifest, map and dependents if its blob is `blob`, and answers whether it did. With
   * `unused` it MUST stay where it was extended or held meanwhile, or where room is reserved for its blob. MUST be
   * atomic.
   */
  delete(ref: ContentRef, blob: string, unused?: Unused): Promise<boolean>

  /** Remembers that an entry waits for this content; the content need not be known. */
  addDependent(ref: ContentRef, key: EntryKey): Promise<void>

  /** Forgets that an entry waits. */
  removeDependent(ref: ContentRef, key: EntryKey): Promise<void>

  /** The entries that wait for this content. */
  dependents(ref: ContentRef): Promise<EntryKey[]>

  /** All records, in any order; those that come or go meanwhile may be among them or not. Memory MUST be bounded. */
  all(): AsyncIterable<ContentRecord>

  /** Up to `limit` records whose `expiresAt` is at or before `time`, the earliest first. */
  expired(time: number, limit: number): Promise<ContentRecord[]>
}

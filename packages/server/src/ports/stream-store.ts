import type { BlockMap, BlockRange, ContentId, EntryKey, StreamId } from '@opcache/protocol'
import type { SpaceId } from './space.js'

/** Names a stream in its space. */
export interface StreamRef {
  readonly space: SpaceId
  readonly id: StreamId
}

/** What a stream turned out to be. */
export interface StreamEnd {
  readonly content: ContentId
  /** Bytes. */
  readonly size: number
}

/** Where a stream stands, with the data that only this state has. */
export type StreamPhase =
  /** Takes blocks. */
  | { readonly state: 'OPEN' }
  /** Its blocks are fixed and are the content's; the content may not be stored yet. */
  | ({ readonly state: 'SEALING' } & StreamEnd)
  /** Another name of the content, and nothing more. */
  | ({ readonly state: 'SEALED' } & StreamEnd)

/** What is known of a content of unknown length. Times are milliseconds since 1970. */
export interface StreamRecord extends StreamRef {
  /** The user who created it. */
  readonly owner: string
  /** Whose unfinished uploads it counts among while it is open. */
  readonly account: string
  /** Names the blob that holds the bytes until the stream is sealed; another one when it is created anew. */
  readonly blob: string
  readonly presentBlocks: number
  /**
   * There was an unclean stop since its present blocks were last known to have their bytes: they have to be verified
   * before anybody relies on them. Only on open streams.
   */
  readonly doubt?: number
  readonly createdAt: number
  readonly expiresAt: number
  readonly phase: StreamPhase
}

/** A stream to be created. */
export type NewStream = Omit<StreamRecord, 'presentBlocks' | 'doubt' | 'phase'>

/** A block as its sender announced it. */
export interface StreamBlock {
  readonly index: number
  /** Bytes, 1 to 2^20. */
  readonly length: number
  /** 32 bytes. */
  readonly digest: Uint8Array
}

/** A block that is claimed, or present. */
export interface KnownStreamBlock extends StreamBlock {
  readonly isPresent: boolean
}

/** What a claim came to. */
export type StreamClaim =
  /** Its bytes may be written. */
  | 'claimed'
  /** The same block is present already. */
  | 'present'
  /** The index has another digest or another length. */
  | 'conflict'
  /** The stream is unknown, has another blob, or takes no blocks any more. */
  | 'closed'

/** What speaks against sealing a stream as some content. */
export type SealObjection =
  /** It was sealed as something else. */
  | ({ readonly kind: 'sealed-otherwise' } & StreamEnd)
  /** This block is the first that is not present. */
  | { readonly kind: 'missing-block'; readonly block: number }
  /** This block is shorter or longer than in a content of that size. */
  | { readonly kind: 'block-length'; readonly block: number; readonly length: number }
  /** This block is claimed or present, and beyond the end. */
  | { readonly kind: 'beyond-end'; readonly block: number }
  /** The blocks are those of another content. */
  | { readonly kind: 'other-content'; readonly content: ContentId }

/** What an attempt to seal came to. */
export type SealOutcome =
  | { readonly sealed: StreamRecord }
  | { readonly objection: SealObjection }
  /** It came into doubt: settle that first. */
  | { readonly doubtful: StreamRecord }

/**
 * Keeps what is known of streams: records, the digests of their blocks, the sum of the elements of those that are
 * present, and the entries that wait for them. What a block costs MUST NOT grow with its stream.
 */
export interface StreamStore {
  /** The record, or undefined. */
  get(ref: StreamRef): Promise<StreamRecord | undefined>

  /** Creates an open stream without blocks. Where it is known already, MUST change nothing and answer what is there. */
  create(stream: NewStream): Promise<StreamRecord>

  /**
   * Binds an index to a digest and a length, before any of its bytes is written into the blob, so that the bytes of two
   * senders can never mix. Of any callers with different blocks exactly one MUST be given an index. The same block may be
   * claimed again by anyone, any number of times: who claimed it first may be dead.
   */
  claim(ref: StreamRef, blob: string, block: StreamBlock): Promise<StreamClaim>

  /**
   * Marks claimed blocks as present whose bytes are stored in `blob`, and adds their elements to the sum, in one atomic
   * step: each index MUST be added once, whoever commits it and however often. An index that is not claimed MUST be left
   * alone. Answers the record after it; undefined when the stream is unknown, has another blob or is not open.
   */
  commit(ref: StreamRef, blob: string, blocks: readonly BlockRange[]): Promise<StreamRecord | undefined>

  /** The claimed and present blocks in a range, ascending; none when the stream is unknown, sealed or of another blob. */
  blocks(ref: StreamRef, blob: string, range: BlockRange): Promise<KnownStreamBlock[]>

  /** Which blocks are present, up to the last one that is; undefined as above. */
  blockMap(ref: StreamRef, blob: string): Promise<BlockMap | undefined>

  /**
   * Fixes the blocks of an open stream, as `SEALING`, if they are exactly those of the content: all of them present, none
   * known beyond the end, every length exact, and the sum's id the content's. MUST be atomic: a block that is committed at
   * the same time is either part of what was sealed or is refused. Sealing again as the same content MUST succeed, as
   * anything else MUST not. A stream in doubt MUST not be sealed. Where something speaks against it, nothing changes. Undefined when the stream is unknown or
   * has another blob.
   */
  seal(ref: StreamRef, blob: string, end: StreamEnd): Promise<SealOutcome | undefined>

  /**
   * Ends the doubt `doubt`: the present blocks were verified, and those in `lost` do not have their bytes. They MUST be
   * taken out of the map and of the sum, and stay claimed. MUST change nothing where that doubt is settled, or a newer one
   * came. Answers the record after it; undefined when the stream is unknown or has another blob.
   */
  settleDoubt(
    ref: StreamRef,
    blob: string,
    doubt: number,
    lost: readonly BlockRange[],
  ): Promise<StreamRecord | undefined>

  /**
   * Takes present blocks of an open stream out of the map and of the sum, whose bytes turned out to be damaged, in one
   * atomic step; they stay claimed. Answers the record after it; undefined when the stream is unknown, has another blob or
   * is not open.
   */
  withdraw(ref: StreamRef, blob: string, blocks: readonly BlockRange[]): Promise<StreamRecord | undefined>

  /** The digests of the blocks of a stream that is `SEALING`, in order; undefined in any other state. */
  manifest(ref: StreamRef, blob: string): Promise<Uint8Array | undefined>

  /** The content of a `SEALING` stream is stored: it is `SEALED`, and its digests and its sum are forgotten. */
  finishSeal(ref: StreamRef, blob: string): Promise<void>

  /** Moves `expiresAt` to `expiresAt` where that is later; never back. Answers whether the stream is there. */
  extend(ref: StreamRef, expiresAt: number): Promise<boolean>

  /**
   * Removes the stream with all that belongs to it if its blob is `blob`, and answers the record that it was. With
   * `expiredAt` it MUST stay where it was extended beyond that time meanwhile, or where room is reserved for its blob.
   * MUST be atomic.
   */
  delete(ref: StreamRef, blob: string, expiredAt?: number): Promise<StreamRecord | undefined>

  /** Remembers that an entry waits for this stream; the stream need not be known. */
  addDependent(ref: StreamRef, key: EntryKey): Promise<void>

  /** Forgets that an entry waits. */
  removeDependent(ref: StreamRef, key: EntryKey): Promise<void>

  /** The entries that wait for this stream. */
  dependents(ref: StreamRef): Promise<EntryKey[]>

  /** All records, in any order; those that come or go meanwhile may be among them or not. Memory MUST be bounded. */
  all(): AsyncIterable<StreamRecord>

  /** Up to `limit` records whose `expiresAt` is at or before `time`, the earliest first. */
  expired(time: number, limit: number): Promise<StreamRecord[]>
}

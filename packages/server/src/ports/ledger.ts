/** What a store holds. */
export interface StoreUsage {
  /** Bytes of the blocks that are present, of contents and of streams that are no content yet. */
  readonly storedBytes: number
  /** Bytes that room is reserved for, by whatever process. */
  readonly reservedBytes: number
  readonly contents: number
}

/** What a user has begun to upload and not finished. */
export interface Unfinished {
  /** Contents of which blocks are missing. */
  readonly contents: number
  /** Open streams. */
  readonly streams: number
  /** Bytes of blocks that are present in them. */
  readonly bytes: number
}

/**
 * Keeps account of the bytes of a store. What the records of contents and streams say is accounted for in the step that
 * changes them, by whatever process, so that no crash makes a difference. What a call costs MUST NOT grow with what is
 * stored.
 */
export interface Ledger {
  usage(): Promise<StoreUsage>

  /** What is unfinished of those who were declared or created on this account. */
  unfinished(account: string): Promise<Unfinished>

  /**
   * Adds to the room that this process has reserved for a blob, whose bytes may be written then. MUST change nothing and
   * answer false where stored and reserved bytes of all processes would be more than `capacityBytes`. Blocks that become
   * present are taken from the reservation in the same step, as far as it reaches. Until it is released, or used up by a
   * content that is complete, and while this process lives, the blob is in use, be what is left of it nothing. MUST be
   * atomic.
   */
  reserve(blob: string, bytes: number, capacityBytes: number): Promise<boolean>

  /** Whether any process has room reserved for the blob. */
  isReserved(blob: string): Promise<boolean>

  /** Ends this process's reservation for a blob; with `keptBytes`, gives back only what it has beyond so many. */
  release(blob: string, keptBytes?: number): Promise<void>

  /** The last unclean stop, if what it may have left behind was not collected since. */
  leftovers(): Promise<number | undefined>

  /** What the unclean stop `stop`, and those before it, may have left behind is collected. */
  settleLeftovers(stop: number): Promise<void>

  /** Whether a content, a stream or a reservation names the blob. One that nothing names will never be named again. */
  isNamed(blob: string): Promise<boolean>
}

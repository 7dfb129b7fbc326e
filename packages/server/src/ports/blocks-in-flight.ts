import type { BlockRange } from '@opcache/protocol'

/**
 * Which blocks are being received right now, by whatever process that shares the store. A hint for clients, so that they
 * do not send what somebody else is sending: nothing is locked by it, and what others receive may be seen late.
 */
export interface BlocksInFlight {
  /** Marks a range of a blob, until the returned function is called or the process ends, however it ends. */
  mark(blob: string, range: BlockRange): () => void

  /**
   * As {@link mark}, unless every block for which `isNeeded` is being received already: answers undefined then. Of several
   * who claim the same at once, one gets it.
   */
  claim(
    blob: string,
    range: BlockRange,
    isNeeded: (index: number) => boolean,
  ): Promise<(() => void) | undefined>
}

/** Bodies up to this many bytes are simply sent, without waiting for leave: 64 KiB. */
export const SMALL_BODY_BYTES = 64 * 1024

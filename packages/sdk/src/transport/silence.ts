/** What senders, routers and receivers hold at most of a body that has left this process. */
const BUFFERED_BYTES = 4 * 2 ** 20

/** Who moves less than this in the time that a connection may idle counts as dead. */
const SLOWEST_BYTES = 2 ** 20

/**
 * How long an answer may take, in milliseconds, once the last byte of a body was handed over. While bytes are handed over
 * the socket shows that they move; the last megabytes move unseen, and on a slow line they take their time.
 */
export function allowedSilenceMs(idleTimeoutMs: number, sentBytes: number): number {
  return idleTimeoutMs * (1 + Math.min(sentBytes, BUFFERED_BYTES) / SLOWEST_BYTES)
}

/** The failure of a connection on which nothing moved. */
export function silence(idleTimeoutMs: number): Error {
  return new Error(`nothing was heard for ${idleTimeoutMs / 1000} s`)
}

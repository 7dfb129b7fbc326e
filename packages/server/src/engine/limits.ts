/** What bounds a server, and how long it keeps things. Bytes, seconds and counts. */
export interface Limits {
  /** Largest content, source or result; never more than `maxStoreBytes`. @default 1 TiB */
  readonly maxContentBytes: number
  /**
   * Bytes of contents and streams that the store keeps: above nine tenths of it the least recently used is forgotten in
   * the background, and what finds no room is refused with 503 `storage-full`. @default Infinity
   */
  readonly maxStoreBytes: number
  /** Bytes of the disk that are left free. @default 128 MiB */
  readonly minFreeBytes: number
  /** Contents and streams that one user may have begun to upload; one more is refused with 429. @default 1000 */
  readonly maxUnfinishedUploads: number
  /** Bytes that one user may have in them. @default Infinity */
  readonly maxUnfinishedBytes: number
  /** Largest JSON body. @default 256 KiB */
  readonly maxJsonBytes: number
  /** Longest wait in one request. @default 300 */
  readonly maxWaitSeconds: number
  /**
   * A result that was answered as present is not evicted for so long, or until it was delivered; nor is one that is being
   * read. @default 60
   */
  readonly resultHoldSeconds: number
  /** An entry stays this long after its last use. @default 30 days */
  readonly entryTtlSeconds: number
  /**
   * An attempt that nobody waited for, opened or looked at for so long is stopped, and has failed; the next open runs it
   * again. Who waits says so every half minute. @default one day
   */
  readonly unattendedSeconds: number
  /** A deterministic failure is answered again this long, then the operation may run again. @default 3600 */
  readonly failureTtlSeconds: number
  /** A source or result stays this long after its last use. @default 30 days */
  readonly contentTtlSeconds: number
  /** After so many attempts in a row whose worker died an entry has failed. @default 3 */
  readonly maxLostWorkers: number
  /** Pause before an attempt takes the place of one that was lost; each further pause is four times as long. @default 1000 */
  readonly retryDelayMs: number
  /** Longest run of an operation that does not say `timeoutMs` itself. @default one hour */
  readonly attemptTimeoutMs: number
  /** A server that closes lets attempts run on for so long, then hands them back to the queue. @default 8 seconds */
  readonly attemptGraceMs: number
  /** Attempts that run at a time on sources that are still coming; whoever follows one more waits for its source. @default 32 */
  readonly maxLiveAttempts: number
  /** Such an attempt is given up after so long without a new block. @default one minute */
  readonly liveIdleMs: number
  /** Largest result of an operation that does not say `outputBytes` itself. @default 16 GiB */
  readonly maxResultBytes: number
  /** Requests of one user in a second; one more is refused with 429. @default Infinity */
  readonly requestsPerSecond: number
  /** Wrong credentials from one address in a minute; one more is answered with 429. Right ones go on working. @default 60 */
  readonly wrongCredentialsPerMinute: number
  /** Bodies that are received at a time, of all users; a manifest counts once for each MiB. @default 256 */
  readonly maxUploads: number
  /** Those of one user. @default 128 */
  readonly maxUploadsPerUser: number
  /** Requests that wait for an entry, or follow one, at a time. @default 16,000 */
  readonly maxWaits: number
  /** Those of one user. @default 12,000 */
  readonly maxWaitsPerUser: number
  /** A connection is cut on which for so long no head gets whole, no body gets on, or nothing is read. @default one minute */
  readonly maxIdleMs: number
  /** Slowest body, on average over `maxIdleMs`; a slower one is cut. @default 240 */
  readonly minBodyBytesPerSecond: number
  /** Connections at a time; further ones are closed. @default 20,000 */
  readonly maxConnections: number
  /** Average delay of the event loop from which on requests are refused with 503. @default 500 */
  readonly maxLoopDelayMs: number
}

const DAY = 24 * 60 * 60

export const DEFAULT_LIMITS: Limits = {
  maxContentBytes: 2 ** 40,
  maxStoreBytes: Number.POSITIVE_INFINITY,
  minFreeBytes: 128 * 2 ** 20,
  maxUnfinishedUploads: 1000,
  maxUnfinishedBytes: Number.POSITIVE_INFINITY,
  maxJsonBytes: 256 * 1024,
  maxWaitSeconds: 300,
  resultHoldSeconds: 60,
  entryTtlSeconds: 30 * DAY,
  unattendedSeconds: DAY,
  failureTtlSeconds: 60 * 60,
  contentTtlSeconds: 30 * DAY,
  maxLostWorkers: 3,
  retryDelayMs: 1000,
  attemptTimeoutMs: 60 * 60 * 1000,
  // Less than the ten seconds after which containers are killed.
  attemptGraceMs: 8_000,
  maxLiveAttempts: 32,
  liveIdleMs: 60_000,
  maxResultBytes: 16 * 2 ** 30,
  requestsPerSecond: Number.POSITIVE_INFINITY,
  wrongCredentialsPerMinute: 60,
  maxUploads: 256,
  maxUploadsPerUser: 128,
  maxWaits: 16_000,
  maxWaitsPerUser: 12_000,
  maxIdleMs: 60_000,
  minBodyBytesPerSecond: 240,
  maxConnections: 20_000,
  maxLoopDelayMs: 500,
}

/** The given limits, and the defaults of the others. What the whole store cannot take is too large from the start. */
export function limitsOf(given: Partial<Limits> = {}): Limits {
  const limits = { ...DEFAULT_LIMITS, ...given }
  return { ...limits, maxContentBytes: Math.min(limits.maxContentBytes, Math.floor(limits.maxStoreBytes)) }
}

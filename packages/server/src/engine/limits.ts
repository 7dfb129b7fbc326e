/** What bounds a server, and how long it keeps things. Bytes, seconds and counts. */
export interface Limits {
  /** Largest content, source or result. @default 1 TiB */
  readonly maxContentBytes: number
  /** Largest JSON body. @default 256 KiB */
  readonly maxJsonBytes: number
  /** Longest wait in one request. @default 300 */
  readonly maxWaitSeconds: number
  /** A result that was answered as present stays at least this long. @default 3600 */
  readonly resultHoldSeconds: number
  /** An entry stays this long after its last use. @default 30 days */
  readonly entryTtlSeconds: number
  /** A deterministic failure is answered again this long, then the operation may run again. @default 3600 */
  readonly failureTtlSeconds: number
  /** A source or result stays this long after its last use. @default 30 days */
  readonly contentTtlSeconds: number
  /** An attempt whose workers died this often has failed. @default 3 */
  readonly maxLostWorkers: number
}

const DAY = 24 * 60 * 60

export const DEFAULT_LIMITS: Limits = {
  maxContentBytes: 2 ** 40,
  maxJsonBytes: 256 * 1024,
  maxWaitSeconds: 300,
  resultHoldSeconds: 60 * 60,
  entryTtlSeconds: 30 * DAY,
  failureTtlSeconds: 60 * 60,
  contentTtlSeconds: 30 * DAY,
  maxLostWorkers: 3,
}

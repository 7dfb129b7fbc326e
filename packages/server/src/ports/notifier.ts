/**
 * Wakes those who wait. A wake is a hint, never the truth: subscribe, then read the state, then sleep. Who sleeps reads
 * again after `rereadMs` at the latest, so that a lost wake costs time and nothing else.
 */
export interface Notifier {
  /** The longest sleep without reading again. */
  readonly rereadMs: number

  /** Wakes all subscribers of `topic`, in every process that shares the store. */
  publish(topic: string): void

  /** Calls `listener` at every wake of `topic`, until the returned function is called. */
  subscribe(topic: string, listener: () => void): () => void
}

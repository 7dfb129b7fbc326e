/** How many parts may be sent in parallel. */
export interface PaceLimits {
  readonly min: number
  readonly max: number
}

/** How many parts are sent in parallel right now. */
export interface Pace {
  /** May have a fraction: so much of the next one was earned. */
  readonly concurrency: number
  /** Grows with every cut: what began before it says nothing about what holds since. 0: nothing was ever refused. */
  readonly epoch: number
}

/**
 * What became of a part: stored, stored so quickly that the line is no limit, or refused by a server that is busy or lost
 * with its connection.
 */
export type PartOutcome = 'acknowledged' | 'quick' | 'congested'

const FIRST_CONCURRENCY = 8

/** So many connections that are quick are enough: each one more costs both ends time and memory, and brings nothing. */
const ENOUGH_QUICK = 4

export function firstPace(limits: PaceLimits): Pace {
  return { concurrency: within(FIRST_CONCURRENCY, limits), epoch: 0 }
}

/**
 * Slow start (Jacobson, 1988), then additive increase and multiplicative decrease (Chiu and Jain, 1989): until the first
 * failure one more for every part that was stored, so twice as many after each round of them, then one more for a whole
 * round; half when one fails. Parts that were under way together fail together, and count once. Every quick part gives up
 * one of those that are too many.
 */
export function nextPace(pace: Pace, outcome: PartOutcome, beganInEpoch: number, limits: PaceLimits): Pace {
  const { concurrency, epoch } = pace
  if (outcome === 'acknowledged') {
    const earned = epoch === 0 ? 1 : 1 / concurrency
    return { concurrency: within(concurrency + earned, limits), epoch }
  }
  if (outcome === 'quick') {
    const enough = Math.max(concurrency - 1, Math.min(concurrency, ENOUGH_QUICK))
    return { concurrency: within(enough, limits), epoch }
  }
  if (beganInEpoch !== epoch) return pace
  return { concurrency: within(Math.floor(concurrency / 2), limits), epoch: epoch + 1 }
}

function within(concurrency: number, { min, max }: PaceLimits): number {
  return Math.min(max, Math.max(min, concurrency))
}

import type { EntryPhase } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'

/** When an entry that is used now comes to its end: its attempt does so sooner, while it has one that runs or waits. */
export function entryExpiry({ limits, now }: Engine, { state }: EntryPhase): number {
  const { entryTtlSeconds, unattendedSeconds } = limits
  const seconds = state === 'PROCESSING' ? Math.min(unattendedSeconds, entryTtlSeconds) : entryTtlSeconds
  return now() + seconds * 1000
}

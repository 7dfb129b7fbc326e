import type { EntryKey } from '@opcache/protocol'
import type { SpaceId } from '../ports/space.js'

/** Woken when a job can be leased. */
export const JOBS_TOPIC = 'jobs'

/** Woken at every change of an entry. */
export function entryTopic(space: SpaceId, key: EntryKey): string {
  return `entry ${space} ${key}`
}

import type { ContentId, EntryDocument, EntryKey, StreamId } from '@opcache/protocol'
import type { Client } from '../client.js'
import type { Call } from '../transport/call.js'
import { openEntry, readEntry } from './open-entry.js'
import { isPrivateEntry } from './plan-entry.js'

/**
 * Opens a failed entry again, by what the server knows of it. One that is complete, or under way, stays as it is.
 *
 * @throws RequestError `entry-not-found`
 */
export async function retryEntry(client: Client, call: Call, key: string): Promise<EntryDocument> {
  const entry = await readEntry(client.connection, call, key)
  const { descriptor, source, attempt } = entry
  if (!entry.error) return entry
  const plan = {
    key: entry.key as EntryKey,
    descriptor,
    isPrivate: isPrivateEntry(descriptor),
  }
  const details = { source: source?.id as ContentId | StreamId | undefined, refresh: attempt }
  return openEntry(client.connection, call, plan, details)
}

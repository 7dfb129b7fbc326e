import type { ContentId, EntryDocument, StreamId } from '@opcache/protocol'
import type { Client } from '../client.js'
import { NotCachedError } from '../errors/not-cached-error.js'
import type { OpenOptions } from '../options.js'
import type { Call } from '../transport/call.js'
import { findEntry, openEntry } from './open-entry.js'
import type { EntryPlan } from './plan-entry.js'

/** Which attempt a refresh is to leave behind; the same for every open of one call, so that it runs once. */
export async function refreshedAttempt(
  client: Client,
  call: Call,
  plan: EntryPlan,
  options: OpenOptions,
): Promise<number | undefined> {
  if (!options.refresh) return undefined
  return (await findEntry(client.connection, call, plan.key))?.attempt ?? 0
}

/**
 * Asks for an entry, and has it made where the caller wants that.
 *
 * @throws NotCachedError for a miss when only cached results are wanted.
 */
export async function ask(
  client: Client,
  call: Call,
  plan: EntryPlan,
  options: OpenOptions,
  details: { source: ContentId | StreamId | undefined; refresh: number | undefined },
): Promise<EntryDocument> {
  if (!options.onlyIfCached) return openEntry(client.connection, call, plan, details)
  call.progress.report({ phase: 'asking', key: plan.key })
  // An open would create the entry, so this one only looks, and judges the version as the server would.
  const entry = await findEntry(client.connection, call, plan.key)
  const { operations } = await client.capabilities(call)
  const current = operations.find(({ name }) => name === plan.descriptor.operation.name)
  if (!entry?.result || entry.operationVersion !== current?.version) throw new NotCachedError(plan.key)
  return { ...entry, state: 'COMPLETE', served: 'hit' }
}

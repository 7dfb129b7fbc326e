import { ProtocolError } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import { type Caller, requireScopes } from '../caller.js'
import type { Engine } from '../engine.js'
import { entryTopic } from '../topics.js'
import { findEntry } from './find-entry.js'
import { isUnderWay } from './is-under-way.js'
import { jobOf } from './start-attempt.js'

/**
 * Forgets an entry and cancels its attempt. Its contents stay: others may use them.
 *
 * @throws ProtocolError `entry-not-found`; `forbidden` for others than its creator and admins, and for a creator whose
 * credential may not set going what it would end.
 */
export async function deleteEntry(engine: Engine, caller: Caller, keyText: string): Promise<void> {
  const isAdmin = caller.scopes.includes('admin')
  if (!isAdmin) requireScopes(caller, 'read', 'execute')
  for (;;) {
    const record: EntryRecord = await findEntry(engine, caller, keyText)
    if (record.creator !== caller.user && !isAdmin) {
      throw new ProtocolError('forbidden', 'Only its creator or an admin may delete an entry.')
    }
    if (await removeEntry(engine, record)) return
  }
}

/** Forgets an entry that this server made for itself, whatever has become of it, and cancels its attempt. */
export async function forgetEntry(engine: Engine, { space, key, incarnation }: EntryRecord): Promise<void> {
  for (;;) {
    const record = await engine.entries.get(space, key)
    if (record?.incarnation !== incarnation || (await removeEntry(engine, record))) return
  }
}

/** Answers whether it was still so. */
async function removeEntry(engine: Engine, record: EntryRecord): Promise<boolean> {
  if (!(await engine.entries.delete(record.space, record.key, record.revision))) return false
  if (isUnderWay(record)) await engine.queue.cancel(jobOf(record))
  // The worker and all who wait look, and find it gone.
  engine.notifier.publish(entryTopic(record.space, record.key))
  return true
}

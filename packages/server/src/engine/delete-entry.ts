import { ProtocolError } from '@opcache/protocol'
import type { EntryRecord } from '../ports/entry-store.js'
import type { Caller } from './caller.js'
import type { Engine } from './engine.js'
import { findEntry } from './find-entry.js'
import { jobOf } from './start-attempt.js'
import { entryTopic } from './topics.js'

/**
 * Forgets an entry and cancels its attempt. Its contents stay: others may use them.
 *
 * @throws ProtocolError `entry-not-found`; `forbidden` for others than its creator and admins.
 */
export async function deleteEntry(engine: Engine, caller: Caller, keyText: string): Promise<void> {
  for (;;) {
    const record: EntryRecord = await findEntry(engine, caller, keyText)
    if (record.creator !== caller.user && !caller.scopes.includes('admin')) {
      throw new ProtocolError('forbidden', 'Only its creator or an admin may delete an entry.')
    }
    if (!(await engine.entries.delete(record.space, record.key, record.revision))) continue
    if (record.phase.state === 'PROCESSING') await engine.queue.cancel(jobOf(record))
    // The worker and all who wait look, and find it gone.
    engine.notifier.publish(entryTopic(record.space, record.key))
    return
  }
}

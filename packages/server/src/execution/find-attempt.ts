import type { Engine } from '../engine/engine.js'
import { isUnderWay } from '../engine/entries/is-under-way.js'
import type { EntryRecord } from '../ports/entry-store.js'
import type { Lease } from '../ports/operation-queue.js'

/** The entry, while the leased job is still its current attempt. */
export async function findAttempt(engine: Engine, { job }: Lease): Promise<EntryRecord | undefined> {
  const record = await engine.entries.get(job.space, job.key)
  const isCurrent =
    record?.incarnation === job.incarnation && record.attempt === job.attempt && isUnderWay(record)
  return isCurrent ? record : undefined
}

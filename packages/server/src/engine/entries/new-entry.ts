import { randomUUID } from 'node:crypto'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'

/** What a new entry is told by who makes it. */
export type EntryStart = Pick<EntryRecord, 'space' | 'key' | 'namespace' | 'creator' | 'descriptor'> &
  Partial<Pick<EntryRecord, 'phase' | 'attempt' | 'source' | 'stream'>>

/** The first revision of an entry: it waits for its source, where nothing else is said. */
export function newEntry(engine: Engine, start: EntryStart): EntryRecord {
  const now = engine.now()
  return {
    attempt: 0,
    phase: { state: 'UPLOADING' },
    ...start,
    incarnation: randomUUID(),
    revision: 1,
    operationVersion: engine.operations.require(start.descriptor.operation.name).version,
    createdAt: now,
    updatedAt: now,
    expiresAt: now + engine.limits.entryTtlSeconds * 1000,
  }
}

import type { ContentId, Served } from '@opcache/protocol'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'

/** Tells those who count how an open was served, and what a hit has saved. */
export async function tellOpened(engine: Engine, record: EntryRecord, served: Served): Promise<void> {
  const { space, key, source: id } = record
  const isSaved = served === 'hit' && id !== undefined
  const source = isSaved ? await engine.contents.get({ space, id: id as ContentId }) : undefined
  engine.observe({
    kind: 'entry-opened',
    key,
    operation: record.descriptor.operation.name,
    served,
    savedBytes: source?.size ?? 0,
  })
}

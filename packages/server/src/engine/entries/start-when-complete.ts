import type { ContentRecord } from '../../ports/content-store.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { findSource, sourceContent, streamOf } from './entry-source.js'
import { startAttempt } from './start-attempt.js'

/**
 * Starts an entry whose source is complete, and registers it with its source otherwise. The source may be completed
 * meanwhile: registering comes first and reading again second, completion marks first and starts second, so one of both
 * sees the other.
 */
export async function startWhenComplete(engine: Engine, record: EntryRecord): Promise<EntryRecord> {
  // Looked at before registering, too: a content whose bytes are gone is forgotten with all that is registered.
  const source = (await findSource(engine, record)) ?? (await register(engine, record))
  if (!source) return record
  const started = await startAttempt(engine, record, source.id)
  return started ?? (await engine.entries.get(record.space, record.key)) ?? record
}

/** Registers an entry with its content, or with its stream while nobody knows the content. */
async function register(engine: Engine, record: EntryRecord): Promise<ContentRecord | undefined> {
  const { space, key } = record
  const id = await sourceContent(engine, record)
  const stream = streamOf(record)
  if (id !== undefined) await engine.contents.addDependent({ space, id }, key)
  else if (stream) await engine.streams.addDependent(stream, key)
  else return undefined
  const source = await findSource(engine, record)
  if (!source) return undefined
  if (id !== undefined) await engine.contents.removeDependent({ space, id }, key)
  else if (stream) await engine.streams.removeDependent(stream, key)
  return source
}

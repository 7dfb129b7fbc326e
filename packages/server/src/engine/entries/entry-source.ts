import { type ContentId, parseStreamId } from '@opcache/protocol'
import type { ContentRecord } from '../../ports/content-store.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { StreamRef } from '../../ports/stream-store.js'
import { findCompleteContent } from '../contents/find-content.js'
import type { Engine } from '../engine.js'
import { sealedContent } from '../streams/find-stream.js'

/** What an entry's record says of its source. */
export type EntrySource = Pick<EntryRecord, 'source' | 'stream'>

/** What an open's `source` says, as a record keeps it. */
export function givenSource(id: string | undefined): EntrySource {
  if (id === undefined) return {}
  const stream = parseStreamId(id)
  return stream ? { stream } : { source: id as ContentId }
}

/** The stream that an entry was given. */
export function streamOf({ space, stream }: EntryRecord): StreamRef | undefined {
  return stream && { space, id: stream }
}

/** The content that is an entry's source: the one it was given, or what its stream was sealed to. */
export async function sourceContent(engine: Engine, record: EntryRecord): Promise<ContentId | undefined> {
  const stream = streamOf(record)
  return record.source ?? (stream && sealedContent(engine, record.creator, stream))
}

/** The source of an entry, if all of it is stored. */
export async function findSource(engine: Engine, record: EntryRecord): Promise<ContentRecord | undefined> {
  const id = await sourceContent(engine, record)
  return id && findCompleteContent(engine, { space: record.space, id })
}

/** Whether an entry has a source that is not the one that `user` names. A stream is what it was sealed to. */
export async function hasOtherSource(
  engine: Engine,
  record: EntryRecord,
  user: string,
  given: EntrySource,
): Promise<boolean> {
  if (record.source === undefined && record.stream === undefined) return false
  if (given.source === undefined && given.stream === undefined) return false
  if (given.stream !== undefined && given.stream === record.stream) return false
  const stream = given.stream && { space: record.space, id: given.stream }
  const named = given.source ?? (stream && (await sealedContent(engine, user, stream)))
  const known = await sourceContent(engine, record)
  return known === undefined || known !== named
}

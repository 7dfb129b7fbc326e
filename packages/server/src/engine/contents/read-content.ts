import { Readable } from 'node:stream'
import { type ContentId, ProtocolError } from '@opcache/protocol'
import type { ContentRecord, ContentRef } from '../../ports/content-store.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { Engine } from '../engine.js'
import { findCompleteContent } from './find-content.js'

/** The complete content under a ref, to be read. @throws ProtocolError `content-not-found` */
export async function requireCompleteContent(engine: Engine, ref: ContentRef): Promise<ContentRecord> {
  const content = await findCompleteContent(engine, ref)
  if (content && (await engine.holds.hold(content))) return content
  throw new ProtocolError('content-not-found', 'The content is not stored here any more.')
}

/** The stored source of an entry. @throws ProtocolError `content-not-found` */
export async function requireSource(engine: Engine, record: EntryRecord): Promise<ContentRecord> {
  if (!record.source) throw new ProtocolError('content-not-found', 'The entry has no source yet.')
  return requireCompleteContent(engine, { space: record.space, id: record.source as ContentId })
}

/** Bytes `start` up to but not including `end` of a complete content, which is held for as long as they are read. */
export function readContent(engine: Engine, content: ContentRecord, start = 0, end = content.size): Readable {
  if (start === end) return Readable.from([], { objectMode: false })
  const bytes = engine.blobs.read(content.blob, start, end)
  engine.holds.read(content, bytes, end - start)
  return bytes
}

import type { EntryDocument, ResultDocument, Served } from '@opcache/protocol'
import type { EntryPhase, EntryRecord } from '../../ports/entry-store.js'
import { contentDocument } from '../contents/content-view.js'
import { findContent } from '../contents/find-content.js'
import type { Engine } from '../engine.js'
import { findStream } from '../streams/find-stream.js'
import { streamDocument } from '../streams/stream-view.js'
import { sourceContent, streamOf } from './entry-source.js'

/** The entry as its user sees it. */
export async function entryDocument(
  engine: Engine,
  record: EntryRecord,
  served?: Served,
): Promise<EntryDocument> {
  const { phase } = record
  const result = servableResult(phase)
  return {
    key: record.key,
    state: phase.state,
    revision: record.revision,
    attempt: record.attempt,
    descriptor: record.descriptor,
    operationVersion: record.operationVersion,
    source: await sourceDocument(engine, record),
    ...(result ? { result } : {}),
    ...(phase.state === 'PROCESSING' && phase.progress ? { progress: phase.progress } : {}),
    ...(phase.state === 'FAILED' ? { error: phase.error } : {}),
    ...(phase.state === 'COMPLETE' && phase.refreshError ? { error: phase.refreshError } : {}),
    ...(record.log ? { log: record.log } : {}),
    createdAt: timestamp(record.createdAt),
    updatedAt: timestamp(record.updatedAt),
    expiresAt: timestamp(record.expiresAt),
    ...(served ? { served } : {}),
  }
}

/** The result that can be had now: while a refresh runs, the earlier one. */
export function servableResult(phase: EntryPhase): ResultDocument | undefined {
  if (phase.state === 'COMPLETE') return phase.result
  return phase.state === 'FAILED' ? undefined : phase.previous
}

async function sourceDocument(engine: Engine, record: EntryRecord): Promise<EntryDocument['source']> {
  const id = await sourceContent(engine, record)
  const content = id && (await findContent(engine, { space: record.space, id }))
  if (content) return contentDocument(engine, content)
  const ref = id === undefined ? streamOf(record) : undefined
  const stream = ref && (await findStream(engine, record.creator, ref))
  return stream ? streamDocument(engine, stream) : null
}

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}

import { randomUUID } from 'node:crypto'
import {
  type ContentId,
  canonicalDescriptor,
  type Descriptor,
  deriveEntryKey,
  type EntryKey,
  isUnshared,
  type OpenRequest,
  ProtocolError,
  type ResultDocument,
  type Served,
} from '@opcache/protocol'
import type { EntryRecord } from '../ports/entry-store.js'
import type { SpaceId } from '../ports/space.js'
import { type Caller, callerSpace, requireScopes } from './caller.js'
import { changeEntry, type EntryChange } from './change-entry.js'
import type { Engine } from './engine.js'
import { servableResult } from './entry-view.js'
import { findCompleteContent } from './find-content.js'
import { holdResult } from './settle-entry.js'
import { enqueueAttempt, startAttempt } from './start-attempt.js'
import { startWhenComplete } from './start-when-complete.js'
import { entryTopic } from './topics.js'

/** An open's answer: the entry, and how it was served. */
export interface Opened {
  readonly record: EntryRecord
  readonly served: Served
}

/**
 * Opens an entry: answers what is there, and sets going what is not.
 *
 * @throws ProtocolError `key-mismatch`, `bad-request`, `forbidden`, `operation-not-found`, `invalid-params`,
 * `descriptor-conflict`, `content-mismatch`.
 */
export async function openEntry(
  engine: Engine,
  caller: Caller,
  keyText: string,
  request: OpenRequest,
): Promise<Opened> {
  const { descriptor } = request
  const key = checkKey(engine, keyText, descriptor)
  checkDescriptor(key, descriptor)
  if (descriptor.user !== undefined && descriptor.user !== caller.user) {
    throw new ProtocolError(
      'forbidden',
      `The descriptor names the user "${descriptor.user}", who is not you.`,
    )
  }
  requireScopes(caller, 'read')
  engine.operations.require(descriptor.operation.name).checkParams(descriptor.operation.params)
  const space = callerSpace(caller, descriptor.user !== undefined || isUnshared(key))

  // Each step is a compare-and-set; who loses one looks again.
  for (;;) {
    const record = await findCurrent(engine, space, key)
    const opened = record
      ? await reopen(engine, caller, record, request)
      : await create(engine, caller, space, key, request)
    if (opened) return opened
  }
}

/** The key that a descriptor belongs under, checked. */
function checkKey(engine: Engine, keyText: string, descriptor: Descriptor): EntryKey {
  if (isUnshared(keyText)) return keyText as EntryKey
  const key = deriveEntryKey(engine.blake3, descriptor)
  if (key !== keyText) {
    throw new ProtocolError('key-mismatch', `The key of this descriptor is ${key}, not the one in the path.`)
  }
  return key
}

function checkDescriptor(key: EntryKey, { content, resource, user }: Descriptor): void {
  if (isUnshared(key) || content !== undefined) return
  if (resource === undefined) {
    throw new ProtocolError('bad-request', 'A descriptor has a content, a resource, or both.')
  }
  if (user === undefined) {
    throw new ProtocolError(
      'bad-request',
      'A descriptor without content has a user: nobody can check for others what a resource holds.',
    )
  }
}

async function findCurrent(engine: Engine, space: SpaceId, key: EntryKey): Promise<EntryRecord | undefined> {
  const record = await engine.entries.get(space, key)
  if (!record || record.expiresAt > engine.now()) return record
  await engine.entries.delete(space, key, record.revision)
  return undefined
}

async function create(
  engine: Engine,
  caller: Caller,
  space: SpaceId,
  key: EntryKey,
  { descriptor, source }: OpenRequest,
): Promise<Opened | undefined> {
  requireScopes(caller, 'upload', 'execute')
  if (source !== undefined && descriptor.content !== undefined && source !== descriptor.content) {
    throw sourceMismatch(descriptor.content)
  }
  const now = engine.now()
  const known = descriptor.content ?? source
  const record: EntryRecord = {
    space,
    key,
    namespace: caller.namespace,
    creator: caller.user,
    incarnation: randomUUID(),
    revision: 1,
    attempt: 0,
    descriptor,
    operationVersion: engine.operations.require(descriptor.operation.name).version,
    ...(known === undefined ? {} : { source: known as ContentId }),
    createdAt: now,
    updatedAt: now,
    expiresAt: now + engine.limits.entryTtlSeconds * 1000,
    phase: { state: 'UPLOADING' },
  }
  if (!(await engine.entries.compareAndSet(record, 0))) return undefined
  engine.notifier.publish(entryTopic(space, key))
  return { record: await startWhenComplete(engine, record), served: 'miss' }
}

async function reopen(
  engine: Engine,
  caller: Caller,
  record: EntryRecord,
  request: OpenRequest,
): Promise<Opened | undefined> {
  if (canonicalDescriptor(record.descriptor) !== canonicalDescriptor(request.descriptor)) {
    throw new ProtocolError('descriptor-conflict', 'This key was opened with another descriptor before.')
  }
  const { source, refresh } = request
  if (source !== undefined && record.source !== undefined && source !== record.source) {
    throw sourceMismatch(record.source)
  }
  const isRefresh = refresh !== undefined && record.attempt <= refresh
  const { phase } = record
  if (refresh === undefined && phase.state !== 'COMPLETE') {
    const earlier = servableResult(phase)
    const asBefore = earlier && { ...record, phase: { state: 'COMPLETE', result: earlier } as const }
    if (asBefore && (await canServe(engine, asBefore))) return { record: asBefore, served: 'hit' }
  }
  switch (phase.state) {
    case 'COMPLETE': {
      const isServable = await canServe(engine, record)
      if (isServable && !isRefresh) return hit(engine, record)
      return restart(engine, caller, record, source, isServable ? phase.result : undefined)
    }
    case 'FAILED':
      if (!isRefresh && phase.error.deterministic && isCurrentVersion(engine, record)) {
        return { record, served: 'hit' }
      }
      return restart(engine, caller, record, source)
    case 'PROCESSING':
      // The process that began it may have died before the job was queued.
      await enqueueAttempt(engine, record)
      return { record, served: 'joined' }
    case 'UPLOADING': {
      if (source === undefined || record.source !== undefined) {
        return { record: await startWhenComplete(engine, record), served: 'joined' }
      }
      const named = await changeEntry(engine, record, { phase, source: source as ContentId })
      return named && { record: await startWhenComplete(engine, named), served: 'joined' }
    }
  }
}

function isCurrentVersion(engine: Engine, record: EntryRecord): boolean {
  return record.operationVersion === engine.operations.require(record.descriptor.operation.name).version
}

/** Whether the result of a COMPLETE entry is current and its bytes are here; it then stays for a while. */
async function canServe(engine: Engine, record: EntryRecord): Promise<boolean> {
  if (record.phase.state !== 'COMPLETE' || !isCurrentVersion(engine, record)) return false
  return holdResult(engine, record.space, record.phase.result)
}

async function hit(engine: Engine, record: EntryRecord): Promise<Opened> {
  const ttlMs = engine.limits.entryTtlSeconds * 1000
  // A use prolongs the entry, but not every single use is worth a write.
  if (record.expiresAt - engine.now() > ttlMs * 0.9) return { record, served: 'hit' }
  const kept = await changeEntry(engine, record, { phase: record.phase })
  return { record: kept ?? record, served: 'hit' }
}

/** Runs the operation again from the stored source, or asks for the source where that is gone. */
async function restart(
  engine: Engine,
  caller: Caller,
  record: EntryRecord,
  source: string | undefined,
  previous?: ResultDocument,
): Promise<Opened | undefined> {
  requireScopes(caller, 'upload', 'execute')
  const known = record.source ?? (source as ContentId | undefined)
  if (known && (await findCompleteContent(engine, { space: record.space, id: known }))) {
    const started = await startAttempt(engine, record, previous)
    return started && { record: started, served: 'miss' }
  }
  const change: EntryChange = {
    phase: { state: 'UPLOADING', ...(previous ? { previous } : {}) },
    operationVersion: engine.operations.require(record.descriptor.operation.name).version,
    ...(known === undefined ? {} : { source: known }),
  }
  const emptied = await changeEntry(engine, record, change)
  return emptied && { record: await startWhenComplete(engine, emptied), served: 'miss' }
}

function sourceMismatch(source: string): ProtocolError {
  return new ProtocolError('content-mismatch', `The source of this entry is ${source}, not the one given.`)
}

import {
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
import { toolWithPackage } from '../../operations/tool-package.js'
import type { EntryRecord } from '../../ports/entry-store.js'
import type { SpaceId } from '../../ports/space.js'
import { type Caller, callerSpace, requireScopes } from '../caller.js'
import type { Engine } from '../engine.js'
import { entryTopic } from '../topics.js'
import { attendEntry } from './attend-entry.js'
import { changeEntry, type EntryChange } from './change-entry.js'
import { type EntrySource, findSource, givenSource, hasOtherSource } from './entry-source.js'
import { servableResult } from './entry-view.js'
import { isExpired, isVisible, searchedSpaces, unknownEntry } from './find-entry.js'
import { canServe, isCurrentVersion } from './hold-result.js'
import { newEntry } from './new-entry.js'
import { enqueueAttempt, startAttempt } from './start-attempt.js'
import { startWhenComplete } from './start-when-complete.js'
import { tellOpened } from './tell-opened.js'

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
  const space = callerSpace(caller, descriptor.user !== undefined)

  // Each step is a compare-and-set; who loses one looks again.
  for (;;) {
    const record = await findOpened(engine, caller, space, key)
    const opened = record
      ? await reopen(engine, caller, record, request)
      : await create(engine, caller, space, key, request)
    if (!opened) continue
    await tellOpened(engine, opened.record, opened.served)
    return opened
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

/**
 * What is under the key. An unshared key is one in all spaces: its descriptor, which names the space, is to stay.
 *
 * @throws ProtocolError `entry-not-found` for an unshared key of another user, as wherever it is asked for
 */
async function findOpened(
  engine: Engine,
  caller: Caller,
  space: SpaceId,
  key: EntryKey,
): Promise<EntryRecord | undefined> {
  for (const searched of isUnshared(key) ? searchedSpaces(caller) : [space]) {
    const record = await findCurrent(engine, searched, key)
    if (!record) continue
    if (isVisible(record, caller)) return record
    throw unknownEntry()
  }
  return undefined
}

async function findCurrent(engine: Engine, space: SpaceId, key: EntryKey): Promise<EntryRecord | undefined> {
  const record = await engine.entries.get(space, key)
  if (!record || !isExpired(engine, record)) return record
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
  await requireTool(engine, descriptor)
  const known = givenSource(descriptor.content ?? source)
  const { namespace, user: creator } = caller
  const record = newEntry(engine, { space, key, namespace, creator, descriptor, ...known })
  if (await hasOtherSource(engine, record, creator, givenSource(source))) throw sourceMismatch(record)
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
  const { refresh } = request
  const source = givenSource(request.source)
  if (await hasOtherSource(engine, record, caller.user, source)) throw sourceMismatch(record)
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
      await attendEntry(engine, record)
      return { record, served: 'joined' }
    case 'UPLOADING': {
      if (request.source === undefined || hasSource(record)) {
        return { record: await startWhenComplete(engine, record), served: 'joined' }
      }
      const named = await changeEntry(engine, record, { phase, ...source })
      return named && { record: await startWhenComplete(engine, named), served: 'joined' }
    }
  }
}

/** What cannot run must not cost an upload. @throws ProtocolError `operation-not-found` */
async function requireTool(engine: Engine, { operation: { name } }: Descriptor): Promise<void> {
  const missing = await engine.operations.require(name).missingTool()
  if (missing === undefined) return
  throw new ProtocolError(
    'operation-not-found',
    `The operation "${name}" needs ${toolWithPackage(missing)}, which is not installed on the server. Ask who runs it to install it.`,
  )
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
  source: EntrySource,
  previous?: ResultDocument,
): Promise<Opened | undefined> {
  requireScopes(caller, 'upload', 'execute')
  await requireTool(engine, record.descriptor)
  const known = hasSource(record) ? {} : source
  const named = { ...record, ...known }
  const content = await findSource(engine, named)
  if (content) {
    const started = await startAttempt(engine, named, content.id, previous)
    return started && { record: started, served: 'miss' }
  }
  const change: EntryChange = {
    phase: { state: 'UPLOADING', ...(previous ? { previous } : {}) },
    operationVersion: engine.operations.require(record.descriptor.operation.name).version,
    ...known,
  }
  const emptied = await changeEntry(engine, record, change)
  return emptied && { record: await startWhenComplete(engine, emptied), served: 'miss' }
}

function hasSource({ source, stream }: EntryRecord): boolean {
  return source !== undefined || stream !== undefined
}

function sourceMismatch({ source, stream }: EntryRecord): ProtocolError {
  const known = source ?? stream
  return new ProtocolError('content-mismatch', `The source of this entry is ${known}, not the one given.`)
}

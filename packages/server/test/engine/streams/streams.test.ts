import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { ProtocolError, type StreamId } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { type Caller, callerSpace, LOCAL_CALLER } from '../../../src/engine/caller.js'
import { findContent } from '../../../src/engine/contents/find-content.js'
import type { Engine } from '../../../src/engine/engine.js'
import { entryDocument } from '../../../src/engine/entries/entry-view.js'
import { openEntry } from '../../../src/engine/entries/open-entry.js'
import { settleEntry } from '../../../src/engine/entries/settle-entry.js'
import { findStream } from '../../../src/engine/streams/find-stream.js'
import {
  admitStreamPart,
  type JudgedStreamPart,
  judgeStreamPart,
} from '../../../src/engine/streams/judge-stream-part.js'
import { receiveStreamPart } from '../../../src/engine/streams/receive-stream-part.js'
import { sealStream } from '../../../src/engine/streams/seal-stream.js'
import { sweep } from '../../../src/engine/upkeep/sweep.js'
import type { StreamRef } from '../../../src/ports/stream-store.js'
import { bytesOf, type Content, contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { MIB } from '../../support/test-server.js'
import { startEngine } from '../test-engine.js'

const DAY_MS = 24 * 3600 * 1000
const ada: Caller = { ...LOCAL_CALLER, user: 'ada' }
const bob: Caller = { ...LOCAL_CALLER, user: 'bob' }
const content = contentOf(bytesOf(MIB + 5))
const end = { content: content.id, size: content.size }
const unshared = { v: 1 as const, operation: { name: 'copy', params: {} } }
const unknown = { code: 'content-not-found' }

const newRef = (): StreamRef => ({
  space: callerSpace(ada, false),
  id: `u-${randomUUID()}` as StreamId,
})

const judge = (engine: Engine, caller: Caller, ref: StreamRef, sent: Content) =>
  judgeStreamPart(engine, caller, ref, { first: 0, lengthBytes: sent.size, digests: sent.manifest })

async function sendAll(engine: Engine, caller: Caller, ref: StreamRef, sent = content) {
  return receive(engine, await judge(engine, caller, ref, sent), sent.bytes)
}

async function receive(engine: Engine, part: JudgedStreamPart, bytes: Uint8Array) {
  using admission = await admitStreamPart(engine, part)
  return await receiveStreamPart(engine, part, admission, Readable.from([bytes]))
}

test('a stream is unknown to all but the user who created it, by every way', async () => {
  const { engine } = await startEngine()
  const ref = newRef()
  const early = await judge(engine, bob, ref, content)
  await sendAll(engine, ada, ref)
  expect(await findStream(engine, 'bob', ref)).toBeUndefined()
  await expect(sendAll(engine, bob, ref)).rejects.toMatchObject(unknown)
  await expect(receive(engine, early, content.bytes)).rejects.toMatchObject(unknown)
  for (const seal of [end, { content: contentOf('').id, size: 0 }]) {
    await expect(sealStream(engine, bob, ref, seal)).rejects.toMatchObject(unknown)
  }
  await sealStream(engine, ada, ref, end)
  await expect(sealStream(engine, bob, ref, end)).rejects.toMatchObject(unknown)
  await expect(sendAll(engine, bob, ref)).rejects.toMatchObject(unknown)
  expect(await findStream(engine, 'ada', ref)).toMatchObject({ phase: { state: 'SEALED' } })
})

test('an entry never learns of the stream of another user', async () => {
  const { engine } = await startEngine()
  const ref = newRef()
  await sendAll(engine, ada, ref)
  const open = { descriptor: unshared, source: ref.id }
  const { record } = await openEntry(engine, bob, `u-${randomUUID()}`, open)
  expect((await entryDocument(engine, record)).source).toBeNull()
  await sealStream(engine, ada, ref, end)
  expect((await settleEntry(engine, record)).phase.state).toBe('UPLOADING')
  expect((await entryDocument(engine, record)).source).toBeNull()
})

test('the entry of a content, whoever created it, takes the stream that its opener sealed to it', async () => {
  const { engine } = await startEngine()
  const descriptor = descriptorOf(content)
  await openEntry(engine, ada, keyOf(descriptor), { descriptor })
  const ref = newRef()
  await sendAll(engine, bob, ref)
  await sealStream(engine, bob, ref, end)
  const request = { descriptor, source: ref.id }
  expect((await openEntry(engine, bob, keyOf(descriptor), request)).served).toBe('joined')
  await expect(openEntry(engine, ada, keyOf(descriptor), request)).rejects.toMatchObject({
    code: 'content-mismatch',
  })
})

test('a seal that a process left half done is finished by who looks, and its entries start', async () => {
  const { engine } = await startEngine()
  const ref = newRef()
  const open = { descriptor: unshared, source: ref.id }
  const { record } = await openEntry(engine, ada, `u-${randomUUID()}`, open)
  await sendAll(engine, ada, ref)
  // As after a death: the seal is won, and nothing was made of it.
  const { blob } = (await engine.streams.get(ref))!
  expect(await engine.streams.seal(ref, blob, end)).toHaveProperty('sealed')
  expect(await engine.contents.get({ space: ref.space, id: content.id })).toBeUndefined()
  expect((await settleEntry(engine, record)).phase.state).toBe('PROCESSING')
  expect(await engine.streams.get(ref)).toMatchObject({ phase: { state: 'SEALED' } })
  expect(await findContent(engine, { space: ref.space, id: content.id })).toMatchObject({ blob })
  expect(await sealStream(engine, ada, ref, end)).toMatchObject({ id: content.id, missingBlocks: 0 })
})

test('a sender that died after its claim keeps nobody from sending the same block', async () => {
  const { engine } = await startEngine()
  const ref = newRef()
  const part = await judge(engine, ada, ref, content)
  const stream = await engine.streams.create({
    ...ref,
    owner: 'ada',
    account: 'ada',
    blob: 'b',
    createdAt: 0,
    expiresAt: 1e15,
  })
  for (const block of part.blocks) await engine.streams.claim(ref, stream.blob, block)
  await expect(judge(engine, ada, ref, contentOf(bytesOf(MIB + 5, 2)))).rejects.toThrow(ProtocolError)
  expect(await sendAll(engine, ada, ref)).toEqual({ state: 'OPEN', presentBlocks: 2 })
  await sealStream(engine, ada, ref, end)
})

test('open streams are forgotten with their bytes after their time, sealed ones without', async () => {
  const { engine, time } = await startEngine()
  const [open, sealed, halfSealed] = [newRef(), newRef(), newRef()]
  await sendAll(engine, ada, open)
  await sendAll(engine, ada, sealed)
  await sealStream(engine, ada, sealed, end)
  const late = contentOf(bytesOf(MIB + 5, 3))
  await sendAll(engine, ada, halfSealed, late)
  const { blob: lateBlob } = (await engine.streams.get(halfSealed))!
  await engine.streams.seal(halfSealed, lateBlob, { content: late.id, size: late.size })
  const { blob: openBlob } = (await engine.streams.get(open))!
  const kept = { space: sealed.space, id: content.id }
  time.now += 20 * DAY_MS
  await engine.contents.extend(kept, time.now + 30 * DAY_MS)
  await sweep(engine)
  expect(await findStream(engine, 'ada', open)).toBeDefined()
  time.now += 11 * DAY_MS
  await sweep(engine)
  for (const ref of [open, sealed, halfSealed]) expect(await engine.streams.get(ref)).toBeUndefined()
  expect(await engine.blobs.has(openBlob)).toBe(false)
  // What was sealed became contents, which live as long as those do.
  expect(await findContent(engine, kept)).toMatchObject({ missingBlocks: 0 })
  expect(await findContent(engine, { space: sealed.space, id: late.id })).toMatchObject({ blob: lateBlob })
})

test('a part keeps its stream alive', async () => {
  const { engine, time } = await startEngine()
  const ref = newRef()
  await sendAll(engine, ada, ref, contentOf(bytesOf(MIB)))
  time.now += 20 * DAY_MS
  const whole = contentOf(bytesOf(2 * MIB))
  const part = await judgeStreamPart(engine, ada, ref, {
    first: 1,
    lengthBytes: MIB,
    digests: whole.manifest.subarray(32),
  })
  await receive(engine, part, whole.part(1, 1))
  time.now += 20 * DAY_MS
  await sweep(engine)
  expect(await findStream(engine, 'ada', ref)).toMatchObject({ presentBlocks: 2 })
})

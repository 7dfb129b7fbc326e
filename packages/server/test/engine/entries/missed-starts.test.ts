import { Readable } from 'node:stream'
import type { EntryKey } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { LOCAL_CALLER } from '../../../src/engine/caller.js'
import { publishContent, storeBytes } from '../../../src/engine/contents/store-content.js'
import { openEntry } from '../../../src/engine/entries/open-entry.js'
import { settleEntry } from '../../../src/engine/entries/settle-entry.js'
import { waitForEntry } from '../../../src/engine/entries/wait-for-entry.js'
import { spaceOf } from '../../../src/ports/space.js'
import { contentOf, descriptorOf, keyOf } from '../../support/content.js'
import { startEngine } from '../test-engine.js'

const space = spaceOf('default')
const content = contentOf('x')
const descriptor = descriptorOf(content)
const key = keyOf(descriptor) as EntryKey

test('an entry whose source was completed by a process that died before the start is started by who looks', async () => {
  const { engine } = await startEngine()
  const { record } = await openEntry(engine, LOCAL_CALLER, key, { descriptor })
  // As after a death: registered nowhere, and the content complete.
  await engine.contents.removeDependent({ space, id: content.id }, key)
  await publishContent(engine, space, await storeBytes(engine, Readable.from([content.bytes])))
  expect((await engine.entries.get(space, key))?.phase.state).toBe('UPLOADING')
  expect((await settleEntry(engine, record)).phase.state).toBe('PROCESSING')
  expect(await engine.queue.lease(['copy'], 1000)).toBeDefined()
})

test('an attempt whose job was never queued is queued by who looks, after a while', async () => {
  const { engine, time } = await startEngine()
  await publishContent(engine, space, await storeBytes(engine, Readable.from([content.bytes])))
  const { record } = await openEntry(engine, LOCAL_CALLER, key, { descriptor })
  const { incarnation, attempt } = record
  await engine.queue.cancel({ space, key, incarnation, attempt, operation: 'copy' })
  await settleEntry(engine, record)
  expect(await engine.queue.lease(['copy'], 1000)).toBeUndefined()
  time.now += 31_000
  await settleEntry(engine, record)
  expect(await engine.queue.lease(['copy'], 1000)).toBeDefined()
})

test('a wait neither listens nor waits on once it is over', async () => {
  const { engine } = await startEngine()
  const { record } = await openEntry(engine, LOCAL_CALLER, key, { descriptor })
  const client = new AbortController()
  const waiting = waitForEntry(engine, record, {
    isDone: ({ phase }) => phase.state === 'COMPLETE',
    timeoutMs: 20_000,
    signal: client.signal,
  })
  client.abort()
  expect((await waiting)?.record.phase.state).toBe('UPLOADING')
})

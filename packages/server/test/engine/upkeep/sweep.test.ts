import { Readable } from 'node:stream'
import type { EntryKey } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { LOCAL_CALLER } from '../../../src/engine/caller.js'
import { publishContent, storeBytes } from '../../../src/engine/contents/store-content.js'
import { useContent } from '../../../src/engine/contents/use-content.js'
import { openEntry } from '../../../src/engine/entries/open-entry.js'
import { sweep } from '../../../src/engine/upkeep/sweep.js'
import { spaceOf } from '../../../src/ports/space.js'
import { descriptorOf, keyOf } from '../../support/content.js'
import { startEngine } from '../test-engine.js'

const DAY_MS = 24 * 3600 * 1000
const space = spaceOf('default')

test('what nobody used for its time is forgotten, its bytes as well', async () => {
  const { engine, time } = await startEngine()
  const content = await publishContent(
    engine,
    space,
    await storeBytes(engine, Readable.from([Buffer.from('x')])),
  )
  const descriptor = descriptorOf(content)
  const key = keyOf(descriptor) as EntryKey
  await openEntry(engine, LOCAL_CALLER, key, { descriptor })
  await sweep(engine)
  expect(await engine.entries.get(space, key)).toBeDefined()
  time.now += 20 * DAY_MS
  await useContent(engine, content)
  time.now += 11 * DAY_MS
  await sweep(engine)
  expect(await engine.entries.get(space, key)).toBeUndefined()
  expect(await engine.queue.lease(['copy'], 1000)).toBeUndefined()
  expect(await engine.contents.get(content)).toBeDefined()
  time.now += 20 * DAY_MS
  await sweep(engine)
  expect(await engine.contents.get(content)).toBeUndefined()
  expect(await engine.blobs.has(content.blob)).toBe(false)
})

test('more than one batch is swept at a time', async () => {
  const { engine, time } = await startEngine()
  for (let salt = 0; salt < 250; salt++) {
    const descriptor = { ...descriptorOf({ id: '0'.repeat(64) }), salt: `${salt}` }
    await openEntry(engine, LOCAL_CALLER, keyOf(descriptor), { descriptor })
  }
  time.now += 31 * DAY_MS
  await sweep(engine)
  expect(await engine.entries.expired(time.now, 1000)).toEqual([])
})

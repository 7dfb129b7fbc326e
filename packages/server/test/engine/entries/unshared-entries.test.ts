import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Caller, LOCAL_CALLER } from '../../../src/engine/caller.js'
import { deleteEntry } from '../../../src/engine/entries/delete-entry.js'
import { findEntry } from '../../../src/engine/entries/find-entry.js'
import { openEntry } from '../../../src/engine/entries/open-entry.js'
import { startEngine } from '../test-engine.js'

const ada: Caller = { ...LOCAL_CALLER, user: 'ada' }
const bob: Caller = { ...LOCAL_CALLER, user: 'bob' }
const operation = { name: 'copy', params: {} }

test.each([
  ['in the shared space', { v: 1 as const, operation }],
  ['in its private space', { v: 1 as const, operation, user: 'ada' }],
])('an unshared entry of another user is unknown, %s', async (_name, descriptor) => {
  const { engine } = await startEngine()
  const key = `u-${randomUUID()}`
  const opened = await openEntry(engine, ada, key, { descriptor })
  expect(opened.record).toMatchObject({ key, creator: 'ada' })
  await expect(findEntry(engine, bob, key)).rejects.toMatchObject({ code: 'entry-not-found' })
  await expect(deleteEntry(engine, bob, key)).rejects.toMatchObject({ code: 'entry-not-found' })
  expect(await findEntry(engine, ada, key)).toEqual(opened.record)
})

test('opening the unshared key of another user creates nothing', async () => {
  const { engine } = await startEngine()
  const key = `u-${randomUUID()}`
  await openEntry(engine, ada, key, { descriptor: { v: 1, operation } })
  for (const descriptor of [
    { v: 1 as const, operation },
    { v: 1 as const, operation, user: 'bob' },
  ]) {
    await expect(openEntry(engine, bob, key, { descriptor })).rejects.toMatchObject({
      code: 'entry-not-found',
    })
  }
  const { entries } = await engine.entries.list({ namespace: 'default', creator: 'bob', limit: 10 })
  expect(entries).toEqual([])
})

import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { EntryKey } from '@opcache/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEmbeddedDrivers } from '../../src/drivers/embedded/open-embedded-drivers.js'
import { DEFAULT_LIMITS } from '../../src/engine/limits.js'
import { openCache } from '../../src/open-cache.js'
import type { ContentRecord } from '../../src/ports/content-store.js'
import type { Drivers } from '../../src/ports/drivers.js'
import type { EntryPhase, EntryRecord } from '../../src/ports/entry-store.js'
import { spaceOf } from '../../src/ports/space.js'

const space = spaceOf('default')
const TTL_MS = DEFAULT_LIMITS.contentTtlSeconds * 1000
const MINUTE_MS = 60_000

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opcache-cache-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a cache that is looked after', () => {
  test('forgets the least recently used contents first, their bytes, and the entries that gave them', async () => {
    await withDrivers(async drivers => {
      for (const [id, agoMinutes] of [
        ['a', 300],
        ['b', 100],
        ['c', 200],
      ] as const) {
        await store(drivers, id, agoMinutes)
        await enter(drivers, id, { state: 'COMPLETE', result: resultOf(id) })
      }
    })
    await using cache = await openCache(folder)
    expect(await cache.usage()).toEqual({ bytes: 3000, contents: 3, entries: 3 })
    expect(await cache.prune({ maxBytes: 1500 })).toEqual({ bytes: 2000, contents: 2, entries: 2 })
    expect(await cache.usage()).toEqual({ bytes: 1000, contents: 1, entries: 1 })
    expect(await blobs()).toEqual(['blob-b'])
  })

  test('keeps what attempts work on', async () => {
    await withDrivers(async drivers => {
      await store(drivers, 'a', 300)
      await enter(drivers, 'a', { state: 'PROCESSING', lostWorkers: 0 })
    })
    await using cache = await openCache(folder)
    expect(await cache.prune({ maxBytes: 0 })).toEqual({ bytes: 0, contents: 0, entries: 0 })
    expect(await cache.clear()).toEqual({ bytes: 1000, contents: 1, entries: 1 })
  })

  test('keeps what others have in use', async () => {
    const others = await openEmbeddedDrivers({ folder })
    for (const id of ['unused', 'held', 'written']) await store(others, id, 90)
    await others.contents.extend({ space, id: 'held' as ContentRecord['id'] }, 0, Date.now() + MINUTE_MS)
    await others.ledger.reserve('blob-written', 1, 1e9)
    await using cache = await openCache(folder)
    expect(await cache.clear()).toMatchObject({ contents: 1 })
    await others.close()
    expect(await cache.clear()).toMatchObject({ contents: 2 })
    expect(await cache.usage()).toEqual({ bytes: 0, contents: 0, entries: 0 })
  })

  test('forgets by age, whatever the size', async () => {
    await withDrivers(async drivers => {
      await store(drivers, 'old', 90)
      await store(drivers, 'young', 30)
    })
    await using cache = await openCache(folder)
    expect(await cache.prune({ unusedForMs: 60 * MINUTE_MS })).toMatchObject({ contents: 1 })
    expect(await blobs()).toEqual(['blob-young'])
  })
})

async function withDrivers(use: (drivers: Drivers) => Promise<void>): Promise<void> {
  const drivers = await openEmbeddedDrivers({ folder })
  await use(drivers).finally(() => drivers.close())
}

/** A complete content of 1000 bytes that was last used so long ago. */
async function store(drivers: Drivers, id: string, agoMinutes: number): Promise<void> {
  const usedAt = Date.now() - agoMinutes * MINUTE_MS
  const blob = `blob-${id}`
  const writer = await drivers.blobs.openWriter(blob)
  await writer.writeBlock(0, Buffer.alloc(1000))
  await writer.close()
  const content = {
    space,
    id: id as ContentRecord['id'],
    size: 1000,
    blob,
    createdAt: usedAt,
    expiresAt: usedAt + TTL_MS,
  }
  await drivers.contents.publish(content, new Uint8Array(32))
}

/** An entry on the content of that name. */
async function enter(drivers: Drivers, id: string, phase: EntryPhase): Promise<void> {
  const now = Date.now()
  const record: EntryRecord = {
    space,
    key: `key-${id}` as EntryKey,
    namespace: 'default',
    creator: 'local',
    incarnation: 'first',
    revision: 1,
    attempt: 1,
    descriptor: { v: 1, content: id, operation: { name: 'copy', params: {} } },
    operationVersion: '1',
    source: id as ContentRecord['id'],
    createdAt: now,
    updatedAt: now,
    expiresAt: now + TTL_MS,
    phase,
  }
  expect(await drivers.entries.compareAndSet(record, 0)).toBe(true)
  await drivers.contents.addDependent({ space, id: id as ContentRecord['id'] }, record.key)
}

function resultOf(id: string) {
  return { id, size: 1000, type: 'application/octet-stream', name: 'result' }
}

async function blobs(): Promise<string[]> {
  const names = await readdir(join(folder, 'blobs-v1'), { recursive: true })
  return names.filter(name => name.includes('blob-')).map(name => name.split('/').at(-1)!)
}

import { existsSync } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { hashContent, loadBlake3, PATHS } from '@opcache/protocol'
import { expect } from 'vitest'
import { openCache, openEmbeddedDrivers } from '../../src/index.js'
import { contentBytes, streamBytes } from '../../src/ports/stored-bytes.js'
import { send } from '../support/send.js'
import { until } from '../support/until.js'
import type { Client } from './client.js'

const blake3 = await loadBlake3()

/** Every content that a record says is complete has a file of its size. */
export async function expectNoRecordWithoutBytes(folder: string): Promise<void> {
  const drivers = await openEmbeddedDrivers({ folder })
  try {
    for await (const { id, blob, size, missingBlocks } of drivers.contents.all()) {
      if (missingBlocks > 0 || size === 0) continue
      const sizeBytes = await stat(drivers.blobs.localPath(blob) ?? '').then(
        stats => stats.size,
        () => 'none',
      )
      expect(sizeBytes, `the file of ${id}`).toBe(size)
    }
  } finally {
    await drivers.close()
  }
}

/** Every attempt comes to its end. */
export function untilSettled(url: string): Promise<void> {
  return until(async () => (await send(`${url}${PATHS.entries}?state=PROCESSING`)).json.entries.length === 0)
}

/** Every block that was acknowledged is present. */
export async function expectAcknowledged(url: string, { acknowledged }: Client): Promise<void> {
  for (const [id, blocks] of acknowledged) {
    const { json } = await send(url + PATHS.content(id))
    const present = id.startsWith('u-') ? json.present : undefined
    for (const block of blocks) {
      const isIn = ([first, count]: [number, number]) => block >= first && block < first + count
      expect(present ? present.some(isIn) : !json.missing.some(isIn), `block ${block} of ${id}`).toBe(true)
    }
  }
}

/** Every entry that is COMPLETE has a result whose bytes are those of its id; or is a miss, where results may be gone. */
export async function expectWholeResults(url: string, mayBeGone: boolean): Promise<void> {
  const { json } = await send(`${url}${PATHS.entries}?state=COMPLETE`)
  for (const { key, result } of json.entries) {
    const { status, body } = await send(url + PATHS.result(key))
    if (mayBeGone && status === 202) continue
    expect({ status, id: hashContent(blake3, body).id }).toEqual({ status: 200, id: result.id })
  }
}

/** No run of one source began while another one lived. */
export async function expectSingleRuns(folder: string): Promise<void> {
  expect((await readdir(folder)).filter(name => name.endsWith('.twice'))).toEqual([])
}

/**
 * After a clean stop: every file is named, the account is the sum of the records, which is `keptBytes` at least, and every
 * stored byte is right.
 */
export async function expectNoLeak(folder: string, keptBytes: number): Promise<void> {
  const drivers = await openEmbeddedDrivers({ folder })
  try {
    const unnamed: string[] = []
    for await (const blob of drivers.blobs.names())
      if (!(await drivers.ledger.isNamed(blob))) unnamed.push(blob)
    let bytes = 0
    for await (const content of drivers.contents.all()) bytes += contentBytes(content)
    for await (const stream of drivers.streams.all()) bytes += streamBytes(stream)
    const { storedBytes, reservedBytes } = await drivers.ledger.usage()
    expect(storedBytes).toBeGreaterThanOrEqual(keptBytes)
    expect({ unnamed, storedBytes, reservedBytes, jobs: await drivers.queue.waiting() }).toEqual({
      unnamed: [],
      storedBytes: bytes,
      reservedBytes: 0,
      jobs: 0,
    })
  } finally {
    await drivers.close()
  }
  await using cache = await openCache(folder)
  expect(await cache.verify()).toMatchObject({ damaged: [] })
}

/** Nothing is stored. */
export async function isEmpty(folder: string): Promise<boolean> {
  return (await blobPaths(folder)).length === 0
}

/** Makes the first byte of every file another one. */
export async function damageBlobs(folder: string): Promise<void> {
  for (const path of await blobPaths(folder)) {
    await using file = await open(path, 'r+')
    const byte = Buffer.alloc(1)
    await file.read(byte, 0, 1, 0)
    byte[0]! ^= 1
    await file.write(byte, 0, 1, 0)
  }
}

async function blobPaths(folder: string): Promise<string[]> {
  const blobs = join(folder, 'blobs-v1')
  const names = existsSync(blobs) ? await readdir(blobs, { recursive: true }) : []
  return names.filter(name => name.includes('/')).map(name => join(blobs, name))
}

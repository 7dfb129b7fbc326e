import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hashContent, loadBlake3, PATHS } from '@opcache/protocol'
import { expect } from 'vitest'
import { openCache, openEmbeddedDrivers } from '../../src/index.js'
import { contentBytes, streamBytes } from '../../src/ports/stored-bytes.js'
import { send } from '../support/send.js'
import type { Client } from './client.js'

const blake3 = await loadBlake3()

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

/** Every entry that is COMPLETE has a result whose bytes are those of its id; or is a miss, where results are evicted. */
export async function expectWholeResults(url: string, isEvicting: boolean): Promise<void> {
  const { json } = await send(`${url}${PATHS.entries}?state=COMPLETE`)
  for (const { key, result } of json.entries) {
    const { status, body } = await send(url + PATHS.result(key))
    if (isEvicting && status === 202) continue
    expect({ status, id: hashContent(blake3, body).id }).toEqual({ status: 200, id: result.id })
  }
}

/** No run of one source began while another one lived. */
export async function expectSingleRuns(folder: string): Promise<void> {
  expect((await readdir(folder)).filter(name => name.endsWith('.twice'))).toEqual([])
}

/** After a clean stop: every file is named, the account is the sum of the records, and every stored byte is right. */
export async function expectNoLeak(folder: string): Promise<void> {
  const drivers = await openEmbeddedDrivers({ folder })
  try {
    const unnamed: string[] = []
    for await (const blob of drivers.blobs.names())
      if (!(await drivers.ledger.isNamed(blob))) unnamed.push(blob)
    let bytes = 0
    for await (const content of drivers.contents.all()) bytes += contentBytes(content)
    for await (const stream of drivers.streams.all()) bytes += streamBytes(stream)
    const { storedBytes, reservedBytes } = await drivers.ledger.usage()
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
  const blobs = join(folder, 'blobs-v1')
  const names = existsSync(blobs) ? await readdir(blobs, { recursive: true }) : []
  return !names.some(name => name.includes('/'))
}

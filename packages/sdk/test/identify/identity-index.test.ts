import { randomUUID } from 'node:crypto'
import {
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { hashSource, Opcache, type ProgressEvent } from '../../src/index.js'
import { MIB } from '../support/bytes.js'

const SIZE = 64 * MIB

let folder: string
let identityFolder: string
const files: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'opcache-identities-'))
  for (let index = 0; index < 7; index++) files.push(await sparse(`large-${index}`, SIZE))
  files.push(await sparse('small', SIZE - 1))
  // At rest for long enough.
  await sleep(2_100)
})

beforeEach(() => {
  identityFolder = join(folder, randomUUID())
})

afterAll(() => rm(folder, { recursive: true }))

/** A file of zeros. */
async function sparse(name: string, bytes: number): Promise<string> {
  const file = join(folder, name)
  await writeFile(file, '')
  await truncate(file, bytes)
  return file
}

/** Hashes a file, and tells how often it was told how far that is: once where nothing is read. */
async function identify(file: string) {
  const events: ProgressEvent[] = []
  const cache = new Opcache({ server: 'http://127.0.0.1:9', identityFolder })
  await using identified = await cache.identify(file, { onProgress: event => events.push(event) })
  const { id, size, manifest } = identified
  return { identity: { id, size }, manifest, isRead: events.length > 1 }
}

test('a large file that is unchanged is not read again, by whatever client', async () => {
  const path = files[0]!
  const first = await identify(path)
  expect(first.isRead).toBe(true)
  const second = await identify(path)
  expect(second).toEqual({ ...first, isRead: false })
  expect(second.identity).toEqual(await hashSource(path))
})

test('a file that changed is read again, also where its size and its times of modification are the same', async () => {
  const path = files[1]!
  await identify(path)
  const { atime, mtime } = await stat(path)
  const changed = await readFile(path)
  changed[5] = 1
  await writeFile(path, changed)
  await utimes(path, atime, mtime)
  expect(await identify(path)).toMatchObject({ isRead: true, identity: await hashSource(path) })
})

test('another file in its place is read', async () => {
  const path = files[2]!
  await identify(path)
  const other = join(folder, 'other')
  await copyFile(path, other)
  await rename(other, path)
  expect((await identify(path)).isRead).toBe(true)
})

test('a file that changed a moment ago is not remembered: the next change might not show', async () => {
  const path = files[3]!
  await writeFile(path, Buffer.alloc(SIZE, 7))
  // A moment ago for as long as this takes.
  const soon = new Date(Date.now() + 3_600_000)
  await utimes(path, soon, soon)
  await identify(path)
  expect((await identify(path)).isRead).toBe(true)
})

test('what is damaged is not believed', async () => {
  const path = files[4]!
  const first = await identify(path)
  const [name] = await readdir(identityFolder)
  const kept = join(identityFolder, name!)
  const bytes = await readFile(kept)
  bytes[bytes.indexOf('"id":"') + 6]! ^= 1
  await writeFile(kept, bytes)
  expect(await identify(path)).toEqual(first)
  await writeFile(kept, '')
  expect(await identify(path)).toEqual(first)
})

test('a small file is not remembered, and a folder that cannot be written is no failure', async () => {
  const path = files[5]!
  await identify(files[7]!)
  await expect(readdir(identityFolder)).rejects.toThrow()
  identityFolder = join(path, 'not-a-folder')
  expect((await identify(path)).isRead).toBe(true)
})

test('no more than 256 are kept', async () => {
  const path = files[6]!
  await identify(path)
  const [kept] = await readdir(identityFolder)
  // The oldest, whatever the grain of the clock.
  await utimes(join(identityFolder, kept!), new Date(0), new Date(0))
  for (let index = 0; index < 256; index++)
    await copyFile(join(identityFolder, kept!), join(identityFolder, `${index}`))
  await identify(files[5]!)
  const names = await readdir(identityFolder)
  expect(names).toHaveLength(256)
  expect(names).not.toContain(kept)
})

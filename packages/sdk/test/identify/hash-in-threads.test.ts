import { type FileHandle, open, truncate, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { ContentHasher, hashContent, loadBlake3 } from '@opcache/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { hashInThreads } from '../../src/identify/hash-in-threads.js'
import { hashSource, type ProgressEvent } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { scratchFolder } from '../support/scratch.js'

let file: string

beforeEach(async () => {
  file = join(await scratchFolder(), 'file')
})

async function opened<T>(use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(file)
  try {
    return await use(handle)
  } finally {
    await handle.close()
  }
}

/** Nothing that stops it, and nobody who is told. */
const alone = { signal: undefined, onBytes: () => undefined }

describe.skipIf(availableParallelism() === 1)('a file that several threads hash', () => {
  test.each([0, 1, MIB, MIB + 1, 5 * MIB, 9 * MIB - 1])('has the identity of its %d bytes', async size => {
    const bytes = noise(size)
    await writeFile(file, bytes)
    const identity = await opened(({ fd }) => hashInThreads(fd, size, alone))
    expect(identity).toEqual(hashContent(await loadBlake3(), bytes))
    expect(identity?.manifest.buffer).toBeInstanceOf(ArrayBuffer)
  })

  test('tells of each block once, and never goes back', async () => {
    const size = 9 * MIB - 1
    await writeFile(file, noise(size))
    const told: number[] = []
    await opened(({ fd }) =>
      hashInThreads(fd, size, { signal: undefined, onBytes: bytes => told.push(bytes) }),
    )
    expect(told).toHaveLength(9)
    expect(told).toEqual(told.toSorted((one, other) => one - other))
    expect(told.at(-1)).toBe(size)
  })

  test('is left to this thread where it is shorter than it was', async () => {
    await writeFile(file, noise(3 * MIB))
    expect(await opened(({ fd }) => hashInThreads(fd, 4 * MIB, alone))).toBeUndefined()
  })

  test('is left to this thread where it cannot be read', async () => {
    await writeFile(file, '')
    const handle = await open(file, 'w')
    expect(await hashInThreads(handle.fd, MIB, alone)).toBeUndefined()
    await handle.close()
  })

  test('is not read for who has given up already', async () => {
    await truncated(64 * MIB)
    const told: number[] = []
    const hashing = { signal: AbortSignal.abort('Given up.'), onBytes: (bytes: number) => told.push(bytes) }
    await expect(opened(({ fd }) => hashInThreads(fd, 64 * MIB, hashing))).rejects.toBe('Given up.')
    expect(told).toEqual([])
  })

  test('is read no further when its listener fails', async () => {
    await truncated(64 * MIB)
    const told: number[] = []
    const onBytes = (bytes: number) => {
      told.push(bytes)
      throw new Error('Enough.')
    }
    const hashing = opened(({ fd }) => hashInThreads(fd, 64 * MIB, { signal: undefined, onBytes }))
    await expect(hashing).rejects.toThrow('Enough.')
    expect(told.length).toBeLessThan(64)
  })
})

async function truncated(bytes: number): Promise<void> {
  await writeFile(file, '')
  await truncate(file, bytes)
}

const LARGE = 512 * MIB

test('a large file has the identity of the same bytes in memory, and threads hash it where they can', async () => {
  await truncated(LARGE)
  const hasher = new ContentHasher(await loadBlake3())
  for (let bytes = 0; bytes < LARGE; bytes += MIB) hasher.update(new Uint8Array(MIB))
  const { id, size } = hasher.finish()
  const told: ProgressEvent[] = []
  expect(await hashSource(file, { onProgress: event => told.push(event) })).toEqual({ id, size })
  // Threads tell of blocks, this one of what it reads at a time.
  if (availableParallelism() > 1) expect(told).toHaveLength(LARGE / MIB)
})

test('hashing a large file is stopped', async () => {
  await truncated(LARGE)
  const reason = new Error('Stopped.')
  const stopping = new AbortController()
  const told: ProgressEvent[] = []
  const hashing = hashSource(file, {
    signal: stopping.signal,
    onProgress: event => {
      told.push(event)
      stopping.abort(reason)
    },
  })
  await expect(hashing).rejects.toBe(reason)
  expect(told.length).toBeLessThan(512)
})

test('a large file that is cut while it is hashed has changed, and progress does not go back', async () => {
  await truncated(LARGE)
  let cutting: Promise<void> | undefined
  const told: number[] = []
  const onProgress = (event: ProgressEvent) => {
    if (event.phase === 'hashing') told.push(event.bytes)
    if (told.length === 3) cutting ??= truncate(file, MIB)
  }
  const hashing = hashSource(file, { onProgress })
  await expect(hashing).rejects.toMatchObject({ code: 'source-changed' })
  await cutting
  expect(told).toEqual(told.toSorted((one, other) => one - other))
})

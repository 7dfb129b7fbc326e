import { execFile } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { chmod, open, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { hashContent, loadBlake3 } from '@opcache/protocol'
import { describe, expect, test, vi } from 'vitest'
import { hashSource, identify, type Source } from '../../src/index.js'
import { chunkFeed } from '../../src/source/chunk-feed.js'
import { MemorySource } from '../../src/source/memory-source.js'
import { spool } from '../../src/source/spool.js'
import { TemporaryFile } from '../../src/source/temporary-file.js'
import { MIB, noise } from '../support/bytes.js'
import { ownTemporaryFolder, scratchFolder } from '../support/scratch.js'

async function identityOf(bytes: Uint8Array) {
  const { id, size } = hashContent(await loadBlake3(), bytes)
  return { id, size }
}

async function* yielding(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}

const bytes = noise(2 * MIB + 12_345)

describe('every kind of source has the identity of its bytes', () => {
  const kinds: [string, (folder: string) => Promise<Source> | Source][] = [
    ['a path', async folder => write(folder)],
    ['a file: URL', async folder => pathToFileURL(await write(folder))],
    [
      'a symbolic link',
      async folder => {
        await symlink(await write(folder), join(folder, 'link'))
        return join(folder, 'link')
      },
    ],
    ['a Buffer', () => Buffer.from(bytes)],
    [
      'a part of a larger array',
      () => Buffer.concat([Buffer.from('xy'), bytes, Buffer.from('z')]).subarray(2, -1),
    ],
    ['an ArrayBuffer', () => bytes.slice().buffer as ArrayBuffer],
    ['a Blob', () => new Blob([bytes.slice()])],
    ['a File', () => new File([bytes.slice()], 'name.bin')],
    ['a Readable', () => Readable.from(yielding(bytes, 99_999), { objectMode: false })],
    ['a web stream', () => ReadableStream.from(yielding(bytes, 70_001))],
    ['an async iterable', () => yielding(bytes, 1_000_003)],
  ]
  async function write(folder: string): Promise<string> {
    const path = join(folder, 'source.bin')
    await writeFile(path, bytes)
    return path
  }
  test.for(kinds)('%s', async ([, make]) => {
    expect(await hashSource(await make(await scratchFolder()))).toEqual(await identityOf(bytes))
  })
})

test('text chunks are UTF-8', async () => {
  const source = Readable.from(['grüße', ' ', '€'])
  expect(await hashSource(source)).toEqual(await identityOf(Buffer.from('grüße €')))
})

test('empty sources have an identity', async () => {
  const folder = await scratchFolder()
  await writeFile(join(folder, 'empty'), '')
  const empty = await identityOf(new Uint8Array(0))
  for (const source of [join(folder, 'empty'), Buffer.alloc(0), new Blob([]), Readable.from([])]) {
    expect(await hashSource(source)).toEqual(empty)
  }
})

test('a pipe is read like a stream', async () => {
  const path = join(await scratchFolder(), 'pipe')
  await promisify(execFile)('mkfifo', [path])
  const hashing = hashSource(path)
  const writer = await open(path, 'w')
  await writer.writeFile(bytes)
  await writer.close()
  expect(await hashing).toEqual(await identityOf(bytes))
})

test('a device is read like a stream', async () => {
  expect(await hashSource('/dev/null')).toEqual(await identityOf(new Uint8Array(0)))
})

describe('a source that cannot be read says why', () => {
  test('a file that is not there', async () => {
    const path = join(await scratchFolder(), 'nothing')
    await expect(hashSource(path)).rejects.toMatchObject({ name: 'SourceError', code: 'source-not-found' })
    await expect(hashSource(path)).rejects.toThrow(path)
  })

  test('a name that was not UTF-8 is told as what keeps the file from being found', async () => {
    await expect(hashSource('bad\uFFFD')).rejects.toThrow('UTF-8')
  })

  test('a path through a file', async () => {
    const folder = await scratchFolder()
    await writeFile(join(folder, 'file'), '')
    await expect(hashSource(join(folder, 'file', 'x'))).rejects.toMatchObject({ code: 'source-not-found' })
  })

  test('a folder', async () => {
    await expect(hashSource(await scratchFolder())).rejects.toMatchObject({ code: 'source-is-directory' })
  })

  test.skipIf(process.getuid?.() === 0)('a file without permission (root may read everything)', async () => {
    const path = join(await scratchFolder(), 'secret')
    await writeFile(path, 'x')
    await chmod(path, 0)
    await expect(hashSource(path)).rejects.toMatchObject({ code: 'source-unreadable' })
  })

  test('a stream that fails', async () => {
    const source = Readable.from(
      (async function* () {
        yield Buffer.from('x')
        throw new Error('the disk is gone')
      })(),
    )
    await expect(hashSource(source)).rejects.toMatchObject({
      code: 'source-unreadable',
      message: expect.stringContaining('the disk is gone'),
    })
  })

  test('a stream of something else than bytes', async () => {
    await expect(hashSource(Readable.from([{ a: 1 }]))).rejects.toMatchObject({ code: 'source-unsupported' })
  })

  test('a web stream that is locked', async () => {
    const source = new ReadableStream()
    source.getReader()
    await expect(hashSource(source)).rejects.toMatchObject({ code: 'source-unreadable' })
  })

  test('something else', async () => {
    for (const source of [null, 42, {}, new URL('http://example.org/x')]) {
      await expect(hashSource(source as never)).rejects.toMatchObject({ code: 'source-unsupported' })
    }
  })
})

describe('a file that changes', () => {
  test('while it is hashed', async () => {
    const path = join(await scratchFolder(), 'growing')
    await writeFile(path, bytes)
    let hasGrown = false
    const hashing = hashSource(path, {
      onProgress: () => {
        if (hasGrown) return
        hasGrown = true
        appendNow(path)
      },
    })
    await expect(hashing).rejects.toMatchObject({ name: 'SourceChangedError', code: 'source-changed' })
  })

  test('between hashing and reading', async () => {
    const path = join(await scratchFolder(), 'replaced')
    await writeFile(path, bytes)
    const identified = await identify(path)
    await writeFile(path, noise(bytes.length, 2))
    await expect(identified.source.open()).rejects.toMatchObject({ code: 'source-changed' })
  })

  test('by becoming shorter while it is read', async () => {
    const path = join(await scratchFolder(), 'cut')
    await writeFile(path, bytes)
    const identified = await identify(path)
    const reader = await identified.source.open()
    const chunks = reader.chunks(0, bytes.length)
    await chunks.next()
    await writeFile(path, 'short')
    const rest = async () => {
      for await (const chunk of chunks) expect(chunk.length).toBeGreaterThan(0)
    }
    await expect(rest()).rejects.toMatchObject({ code: 'source-changed' })
    await reader.close()
  })
})

describe('spooling', () => {
  const toFile = { memoryBytes: 1000, signal: undefined, onBytes: () => undefined }

  test('gives the same bytes from memory and from a file', async () => {
    const temporary = await ownTemporaryFolder()
    for (const memoryBytes of [1000, 100 * MIB]) {
      const feed = chunkFeed(yielding(bytes, 33_333))
      const { source, ...identity } = await spool(feed!, { ...toFile, memoryBytes })
      expect({ id: identity.id, size: identity.size }).toEqual(await identityOf(bytes))
      const reader = await source.open()
      const read: Uint8Array[] = []
      for await (const chunk of reader.chunks(MIB - 5, 2 * MIB + 5)) read.push(Uint8Array.from(chunk))
      expect(Buffer.compare(Buffer.concat(read), bytes.subarray(MIB - 5, 2 * MIB + 5))).toBe(0)
      await reader.close()
      await source.dispose()
      await source.dispose()
    }
    expect(await readdir(temporary)).toEqual([])
  })

  test('keeps 64 MiB in memory, and more in a file', async () => {
    const zeros = Buffer.alloc(64 * MIB + 1)
    for (const [sizeBytes, kind] of [
      [64 * MIB, MemorySource],
      [64 * MIB + 1, TemporaryFile],
    ] as const) {
      const feed = chunkFeed(yielding(zeros.subarray(0, sizeBytes), 5 * MIB))
      const { source } = await spool(feed!, { signal: undefined, onBytes: () => undefined })
      expect(source).toBeInstanceOf(kind)
      expect(source.size).toBe(sizeBytes)
      await source.dispose()
    }
  })

  test('copes with a stream that uses its buffer again', async () => {
    const reused = Buffer.alloc(4)
    async function* overwriting() {
      for (const text of ['abcd', 'efgh']) {
        reused.write(text)
        yield reused
      }
    }
    expect(await hashSource(overwriting())).toEqual(await identityOf(Buffer.from('abcdefgh')))
  })

  test('tells a full disk from a stream that cannot be read', async () => {
    const temporary = await ownTemporaryFolder()
    const probe = await open(join(temporary, 'probe'), 'w')
    await probe.close()
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })
    const write = vi.spyOn(Object.getPrototypeOf(probe), 'write').mockRejectedValueOnce(full)
    await expect(spool(chunkFeed(yielding(bytes, 5000))!, toFile)).rejects.toMatchObject({
      code: 'spool-full',
      message: expect.stringContaining('TMPDIR'),
    })
    write.mockRestore()
    expect(await readdir(temporary)).toEqual(['probe'])
  })

  test('leaves nothing after a failure, and stops the stream', async () => {
    const temporary = await ownTemporaryFolder()
    const source = new Readable({
      read() {
        this.push(bytes.subarray(0, 5000))
        this.push({} as never)
      },
      objectMode: true,
    })
    await expect(spool(chunkFeed(source)!, toFile)).rejects.toMatchObject({ code: 'source-unsupported' })
    expect(source.destroyed).toBe(true)
    expect(await readdir(temporary)).toEqual([])
  })

  test.for(['Readable', 'web stream', 'iterable'])('an abort ends a silent %s', async kind => {
    const controller = new AbortController()
    let isStopped = false
    const readable = new Readable({ read: () => undefined })
    const web = new ReadableStream({
      cancel: () => {
        isStopped = true
      },
    })
    const silent = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<Uint8Array>>(() => undefined),
        return: async () => {
          isStopped = true
          return { value: undefined, done: true as const }
        },
      }),
    }
    const source = kind === 'Readable' ? readable : kind === 'iterable' ? silent : web
    const hashing = hashSource(source, { signal: controller.signal })
    queueMicrotask(() => controller.abort(new Error('enough')))
    await expect(hashing).rejects.toThrow('enough')
    expect(isStopped || readable.destroyed).toBe(true)
  })
})

function appendNow(path: string): void {
  appendFileSync(path, 'more')
}

import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentDocument } from '@opcache/protocol'
import { expect, test } from 'vitest'
import { hashSource, type ProgressEvent } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { scratchFolder } from '../support/scratch.js'
import { startServerProcess } from '../support/server-process.js'
import { testProxy } from '../support/test-mock.js'
import { testClient } from '../support/test-server.js'

test('a server that is killed in the middle of an upload keeps what it acknowledged', async () => {
  const folder = await scratchFolder()
  const first = await startServerProcess(folder)
  const proxy = await testProxy(first.url)
  const size = 64 * MIB + 3
  const events: ProgressEvent[] = []
  let restarting: Promise<void> | undefined
  const restart = async () => {
    await first.kill()
    proxy.target((await startServerProcess(folder)).url)
  }
  const result = await testClient(proxy.url, { concurrency: 2 }).run(noise(size), 'copy', {
    onProgress: event => {
      events.push(event)
      if (event.phase === 'uploading' && event.sentBytes > 0) restarting ??= restart()
    },
  })
  await restarting
  expect(events.some(({ phase }) => phase === 'waiting-for-connection')).toBe(true)
  expect(result).toMatchObject({ served: 'miss', uploadedBytes: size, uploadedBlocks: 65 })
  // No more than what both workers had on their way is sent twice.
  expect(proxy.bytes('up')).toBeLessThan(size + 2 * 8 * MIB + MIB)
  expect(Buffer.compare(await result.bytes(), noise(size))).toBe(0)
})

test('blocks that a killed server finds damaged are sent again, with those that were missing', async () => {
  const folder = await scratchFolder()
  const first = await startServerProcess(folder)
  const blocks = 64
  const source = noise(blocks * MIB)
  const enough = new AbortController()
  // Two parts of at most eight blocks are on their way when the client stops: it cannot have sent all by then.
  const running = testClient(first.url, { concurrency: 2 }).run(source, 'copy', {
    signal: enough.signal,
    onProgress: event => {
      if (event.phase === 'uploading' && event.sentBytes >= 16 * MIB) enough.abort(new Error('enough'))
    },
  })
  await expect(running).rejects.toThrow('enough')
  await first.kill()
  const written = await blobOf(folder)
  const present = await blocksOf(written, source)
  expect(present.length).toBeGreaterThanOrEqual(16)
  const file = await open(written, 'r+')
  await file.write(Buffer.alloc(1, source[present[3]! * MIB + 7]! ^ 1), 0, 1, present[3]! * MIB + 7)
  await file.close()

  const second = await startServerProcess(folder)
  const { id } = await hashSource(source)
  const { missingBlocks } = (await (await fetch(`${second.url}/v1/contents/${id}`)).json()) as ContentDocument
  // The block that was damaged, and what the first client did not send.
  expect(missingBlocks).toBeGreaterThanOrEqual(blocks - present.length + 1)
  // Blocks that were written and not committed yet.
  expect(missingBlocks).toBeLessThanOrEqual(blocks - present.length + 1 + 8)
  const proxy = await testProxy(second.url)
  const result = await testClient(proxy.url).run(source, 'copy')
  expect(result).toMatchObject({ served: 'joined', uploadedBytes: missingBlocks * MIB })
  expect(proxy.bytes('up')).toBeLessThan(missingBlocks * MIB + MIB)
  expect(Buffer.compare(await result.bytes(), source)).toBe(0)
})

test('a server that is killed before the result is fetched still has it', async () => {
  const folder = await scratchFolder()
  const first = await startServerProcess(folder)
  const proxy = await testProxy(first.url)
  const result = await testClient(proxy.url).run(noise(12 * MIB), 'copy')
  await first.kill()
  const fetching = result.bytes()
  proxy.target((await startServerProcess(folder)).url)
  expect(Buffer.compare(await fetching, noise(12 * MIB))).toBe(0)
})

/** The one file in which a server keeps bytes. */
async function blobOf(folder: string): Promise<string> {
  const blobs = join(folder, 'blobs-v1')
  const names = await readdir(blobs, { recursive: true })
  return join(blobs, names.find(name => name.length > 36)!)
}

/** The blocks of a source that stand whole in a file. */
async function blocksOf(path: string, source: Uint8Array): Promise<number[]> {
  const file = await open(path)
  const bytes = await file.readFile()
  await file.close()
  return Array.from({ length: source.length / MIB }, (_, index) => index).filter(index => {
    const block = [index * MIB, (index + 1) * MIB] as const
    return bytes.subarray(...block).equals(source.subarray(...block))
  })
}

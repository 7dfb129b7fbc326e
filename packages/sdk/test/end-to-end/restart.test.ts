import { expect, test } from 'vitest'
import type { ProgressEvent } from '../../src/index.js'
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

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { ProgressEvent } from '../../src/index.js'
import { MIB, noise } from '../support/bytes.js'
import { scratchFolder } from '../support/scratch.js'
import { startServerProcess } from '../support/server-process.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient } from '../support/test-server.js'

/** Six parts; a result of twelve pieces. */
const SIZE = 48 * MIB
const bytes = noise(SIZE)

/** Of each connection: the block that was coming, and what was in the buffers of its way. */
const IN_FLIGHT_BYTES = 2 * MIB
const UPLOADS = 4
const PIECE_BYTES = 4 * MIB
const DOWNLOADS = 4

test('a client that is killed in the middle of its upload costs the blocks in flight, wherever it is run again', async () => {
  const mock = await testMock()
  const folder = await scratchFolder()
  const source = join(folder, 'source')
  await writeFile(source, bytes)
  const first = startClient(mock.url, source, join(folder, 'output'))
  mock.faults.plan({ on: 'part', nth: 4, action: killing(first, 3.5 * MIB) })
  await once(first, 'exit')
  expect(first.signalCode).toBe('SIGKILL')
  expect(mock.faults.pending).toEqual([])
  const sentBytes = mock.recorder.bodyBytes('part')

  // Another process, with the same bytes under another name.
  const copy = join(await scratchFolder(), 'copy')
  await copyFile(source, copy)
  const second = startClient(mock.url, copy, join(folder, 'output'))
  const [{ uploadedBytes }] = (await once(second, 'message')) as [{ uploadedBytes: number }]
  await once(second, 'exit')
  expect(mock.recorder.bodyBytes('part')).toBeLessThanOrEqual(SIZE + UPLOADS * IN_FLIGHT_BYTES)
  expect(sentBytes + uploadedBytes).toBeLessThanOrEqual(SIZE + UPLOADS * IN_FLIGHT_BYTES)
  expect(mock.runs()).toBe(1)
  expect((await readFile(join(folder, 'output'))).equals(bytes)).toBe(true)
})

test('a client that is killed in the middle of its download fetches only what its file does not have', async () => {
  const mock = await testMock()
  const folder = await scratchFolder()
  const source = join(folder, 'source')
  await writeFile(source, bytes)
  await testClient(mock.url).run(bytes, 'copy')
  mock.recorder.clear()
  const first = startClient(mock.url, source, join(folder, 'output'))
  mock.faults.plan({ on: 'result', nth: 9, action: killing(first, 1.5 * MIB) })
  await once(first, 'exit')
  expect(first.signalCode).toBe('SIGKILL')
  expect(mock.faults.pending).toEqual([])
  expect(await readdir(folder)).not.toContain('output')

  await once(startClient(mock.url, source, join(folder, 'output')), 'exit')
  const fetchedBytes = mock.recorder.of('result').reduce((sum, { answerBytes }) => sum + answerBytes, 0)
  // All of it twice would be eight pieces more at least.
  expect(fetchedBytes).toBeLessThanOrEqual(SIZE + DOWNLOADS * PIECE_BYTES)
  expect(mock.recorder.bodyBytes('part', 'run')).toBe(0)
  expect((await readFile(join(folder, 'output'))).equals(bytes)).toBe(true)
  expect((await readdir(folder)).toSorted()).toEqual(['output', 'source'])
})

test('a server that is killed in the middle of a download is waited for, and goes on where it was', async () => {
  const folder = await scratchFolder()
  const server = await startServerProcess(join(folder, 'data'))
  const proxy = await testProxy(server.url)
  const { key } = await testClient(server.url).run(bytes, 'copy')
  // Slow enough for the kill to meet the download.
  proxy.setLine({ bytesPerSecond: 12 * MIB })
  const events: ProgressEvent[] = []
  let restarting: Promise<void> | undefined
  const restart = async () => {
    await server.kill()
    proxy.target((await startServerProcess(join(folder, 'data'))).url)
  }
  const result = await testClient(proxy.url).result(key)
  await result.toFile(join(folder, 'output'), {
    onProgress: event => {
      events.push(event)
      if (event.phase === 'downloading' && event.bytes >= 10 * MIB) restarting ??= restart()
    },
  })
  await restarting
  expect(events.some(({ phase }) => phase === 'waiting-for-connection')).toBe(true)
  expect(proxy.bytes('down')).toBeLessThan(SIZE + DOWNLOADS * PIECE_BYTES + MIB)
  expect((await readFile(join(folder, 'output'))).equals(bytes)).toBe(true)
})

/** The built client in a process of its own: runs `copy` and writes the result. */
function startClient(server: string, source: string, output: string): ChildProcess {
  const script = fileURLToPath(new URL('../support/client-process.mjs', import.meta.url))
  const child = fork(script, [server, source, output], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

/** Kills a client once so many bytes of a request have passed. */
function killing(client: ChildProcess, afterBytes: number) {
  return { kind: 'act', afterBytes, act: () => void client.kill('SIGKILL') } as const
}

import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { scriptedOperation } from '@opcache/server-mock'
import { describe, expect, test } from 'vitest'
import { MIB, noise } from '../support/bytes.js'
import { eventually } from '../support/eventually.js'
import { storedResult } from '../support/large-result.js'
import { scratchFolder } from '../support/scratch.js'
import { testMock, testProxy } from '../support/test-mock.js'
import { testClient } from '../support/test-server.js'

const SIZE = 30 * MIB + 5

const fetchedBytes = (requests: readonly { answerBytes: number }[]) =>
  requests.reduce((sum, { answerBytes }) => sum + answerBytes, 0)

test('a large result comes by several connections, every byte once, in every form', async () => {
  const { result, bytes, mock } = await storedResult(SIZE)
  const folder = await scratchFolder()
  const streamed: Uint8Array[] = []
  const forms = [
    async () => result.bytes(),
    async () => {
      for await (const chunk of result.stream()) streamed.push(chunk as Uint8Array)
      return Buffer.concat(streamed)
    },
    async () => {
      await result.toFile(join(folder, 'out'))
      return readFile(join(folder, 'out'))
    },
  ]
  for (const form of forms) {
    mock.recorder.clear()
    expect(Buffer.compare(await form(), bytes)).toBe(0)
    const requests = mock.recorder.of('result')
    expect(requests).toHaveLength(8)
    expect(fetchedBytes(requests)).toBe(SIZE)
  }
  expect(await readdir(folder)).toEqual(['out'])
})

test('what is fetched ahead of a reader who takes his time is bounded', async () => {
  const { result, mock } = await storedResult(64 * MIB)
  const stream = result.stream()
  await once(stream, 'readable')
  await eventually(() => fetchedBytes(mock.recorder.of('result'))).toBeGreaterThanOrEqual(16 * MIB)
  await new Promise(resolve => setTimeout(resolve, 200))
  // The window, and the piece that begins where the reader is.
  expect(fetchedBytes(mock.recorder.of('result'))).toBeLessThanOrEqual(24 * MIB)
  stream.destroy()
  await once(stream, 'close')
})

test('a hit that is written to a file reads on in the answer that it came with', async () => {
  // A source of a part at most goes in one request, whose answer is the result.
  const source = noise(7 * MIB)
  const grown = await testMock({ operations: [scriptedOperation('grow', [{ result: noise(SIZE, 2) }])] })
  await testClient(grown.url).run(source, 'grow')
  grown.recorder.clear()
  const proxy = await testProxy(grown.url)
  const folder = await scratchFolder()
  const run = await testClient(proxy.url).run(source, 'grow', { output: join(folder, 'out') })
  expect(run.served).toBe('hit')
  expect(Buffer.compare(await readFile(join(folder, 'out')), noise(SIZE, 2))).toBe(0)
  // What the first answer brought was not asked for again.
  expect(fetchedBytes(grown.recorder.of('result'))).toBeLessThanOrEqual(SIZE - 4 * MIB)
})

describe('a download that was interrupted', () => {
  /** Aborts a download in the middle; answers how many blocks its part file has. */
  async function interrupted(stored: Awaited<ReturnType<typeof storedResult>>, output: string) {
    const controller = new AbortController()
    const download = stored.result.toFile(output, {
      signal: controller.signal,
      onProgress: event => {
        if (event.phase === 'downloading' && event.bytes >= 12 * MIB) controller.abort(new Error('enough'))
      },
    })
    await expect(download).rejects.toThrow('enough')
    // What was asked for before the abort may still be arriving: it does so before what is asked for now.
    await stored.proxy.setState('down')
    await stored.proxy.setState('up')
    await (await fetch(`${stored.mock.url}/healthz`)).text()
    stored.mock.recorder.clear()
  }

  test('goes on with what is there', async () => {
    const stored = await storedResult(SIZE)
    const folder = await scratchFolder()
    const part = `out.${stored.result.result.id.slice(0, 16)}.part`
    await interrupted(stored, join(folder, 'out'))
    expect(await readdir(folder)).toEqual([part])
    const bytes: number[] = []
    await stored.result.toFile(join(folder, 'out'), {
      onProgress: event => event.phase === 'downloading' && bytes.push(event.bytes),
    })
    expect(await readdir(folder)).toEqual(['out'])
    expect(Buffer.compare(await readFile(join(folder, 'out')), stored.bytes)).toBe(0)
    expect(fetchedBytes(stored.mock.recorder.of('result'))).toBeLessThanOrEqual(SIZE - 12 * MIB)
    expect(bytes[0]).toBeGreaterThanOrEqual(12 * MIB)
    expect(bytes.at(-1)).toBe(SIZE)
  })

  test('takes over what a killed process left of a small result, too', async () => {
    const stored = await storedResult(5 * MIB)
    const folder = await scratchFolder()
    const part = join(folder, `out.${stored.result.result.id.slice(0, 16)}.part`)
    await writeFile(part, stored.bytes.subarray(0, 2.5 * MIB))
    await writeFile(`${part}.lock`, `${hostname()} 4194305`)
    await stored.result.toFile(join(folder, 'out'))
    expect(await readdir(folder)).toEqual(['out'])
    expect(Buffer.compare(await readFile(join(folder, 'out')), stored.bytes)).toBe(0)
    expect(fetchedBytes(stored.mock.recorder.of('result'))).toBe(3 * MIB)
  })

  test('trusts no byte that it did not verify', async () => {
    const stored = await storedResult(SIZE)
    const folder = await scratchFolder()
    const part = join(folder, `out.${stored.result.result.id.slice(0, 16)}.part`)
    await writeFile(part, noise(SIZE + 10, 3))
    await stored.result.toFile(join(folder, 'out'))
    expect(Buffer.compare(await readFile(join(folder, 'out')), stored.bytes)).toBe(0)
    expect(fetchedBytes(stored.mock.recorder.of('result'))).toBe(SIZE)
  })

  test('is taken over from a process that is dead, and not from one that lives', async () => {
    const stored = await storedResult(SIZE)
    const folder = await scratchFolder()
    const part = `out.${stored.result.result.id.slice(0, 16)}.part`
    await interrupted(stored, join(folder, 'out'))
    await writeFile(join(folder, `${part}.lock`), `${hostname()} ${process.ppid}`)
    await stored.result.toFile(join(folder, 'out'))
    expect((await readdir(folder)).sort()).toEqual(['out', part, `${part}.lock`])
    expect(fetchedBytes(stored.mock.recorder.of('result'))).toBe(SIZE)

    stored.mock.recorder.clear()
    await writeFile(join(folder, `${part}.lock`), `${hostname()} 4194305`)
    await stored.result.toFile(join(folder, 'out'), { force: true })
    expect(await readdir(folder)).toEqual(['out'])
    expect(fetchedBytes(stored.mock.recorder.of('result'))).toBeLessThan(SIZE)
    expect(Buffer.compare(await readFile(join(folder, 'out')), stored.bytes)).toBe(0)
  })

  test('by an unreachable server is kept as well', async () => {
    const stored = await storedResult(SIZE, { reconnectTimeoutMs: 0 })
    const folder = await scratchFolder()
    stored.proxy.plan({ action: 'cut', direction: 'down', counted: 'all', afterBytes: 16 * MIB })
    const download = stored.result.toFile(join(folder, 'out'))
    await expect(download).rejects.toMatchObject({ code: 'server-unreachable' })
    stored.mock.recorder.clear()
    await stored.result.toFile(join(folder, 'out'))
    expect(Buffer.compare(await readFile(join(folder, 'out')), stored.bytes)).toBe(0)
    expect(fetchedBytes(stored.mock.recorder.of('result'))).toBeLessThan(SIZE)
  })
})

test('two downloads to one output at the same time do not disturb each other', async () => {
  const stored = await storedResult(SIZE)
  const folder = await scratchFolder()
  const output = join(folder, 'out')
  await Promise.all([
    stored.result.toFile(output, { force: true }),
    stored.result.toFile(output, { force: true }),
  ])
  expect(await readdir(folder)).toEqual(['out'])
  expect(Buffer.compare(await readFile(output), stored.bytes)).toBe(0)
})

describe('a block that comes damaged', () => {
  test('once is fetched again', async () => {
    const stored = await storedResult(SIZE)
    stored.mock.faults.plan({ on: 'result', nth: 2, action: { kind: 'corrupt', atByte: 2 * MIB } })
    expect(Buffer.compare(await stored.result.bytes(), stored.bytes)).toBe(0)
    expect(stored.mock.faults.pending).toEqual([])
  })

  test('again and again is named, and no file appears', async () => {
    const stored = await storedResult(SIZE)
    const folder = await scratchFolder()
    stored.mock.faults.plan({ on: 'result', times: 100, action: { kind: 'corrupt' } })
    const failure = await stored.result.toFile(join(folder, 'out')).catch(error => error)
    expect(failure).toMatchObject({ code: 'integrity', block: expect.any(Number) })
    expect(await readdir(folder)).toEqual([])
  })
})

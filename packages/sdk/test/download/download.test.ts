import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { type ContentIdentity, type EntryKey, hashContent, loadBlake3, PATHS } from '@opcache/protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Client } from '../../src/client.js'
import { FetchableResult } from '../../src/run/cached-result.js'
import { MIB, noise } from '../support/bytes.js'
import { handmadeServer } from '../support/handmade-server.js'
import { scratchFolder } from '../support/scratch.js'

const key = '0'.repeat(64) as EntryKey

interface Faults {
  /** Bytes in which the served ones differ from the true ones. */
  damage?: (bytes: Uint8Array) => void
  damageManifest?: (manifest: Uint8Array) => void
  /** Bytes after which each answer is cut, one an answer. */
  cuts?: number[]
  /** Answers the whole whatever range was asked for. */
  ignoresRanges?: boolean
  etag?: string
  status?: number
}

/** Serves one result, with faults. */
async function serving(size: number, faults: Faults = {}, options = {}) {
  const bytes = noise(size)
  const identity = hashContent(await loadBlake3(), bytes)
  const served = bytes.slice()
  faults.damage?.(served)
  const manifest = identity.manifest.slice()
  faults.damageManifest?.(manifest)
  const ranges: (string | undefined)[] = []
  const { url } = await handmadeServer((request, response) => {
    if (request.url === PATHS.manifest(identity.id)) return response.end(manifest)
    ranges.push(request.headers.range)
    return sendResult(request, response, served, identity, faults)
  })
  const client = new Client({ server: url, ...options })
  onTestFinished(() => client.connection.close())
  const result = { id: identity.id, size, type: 'x/y', name: 'result' }
  return { bytes, ranges, identity, result: new FetchableResult(client, { key, result, isPrivate: false }) }
}

function sendResult(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Uint8Array,
  { id }: ContentIdentity,
  faults: Faults,
): void {
  const asked = faults.ignoresRanges ? undefined : /bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1]
  const start = Number(asked ?? 0)
  const isContinued = asked !== undefined && request.headers['if-range'] === `"${id}"`
  response.writeHead(faults.status ?? (isContinued ? 206 : 200), {
    etag: faults.etag ?? `"${id}"`,
    'content-length': String(bytes.length - start),
  })
  const cut = faults.cuts?.shift()
  if (cut === undefined) response.end(bytes.subarray(start))
  else response.write(bytes.subarray(start, start + cut), () => response.destroy())
}

test.for([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 7])('%i bytes are downloaded in every form', async size => {
  const { result, bytes } = await serving(size)
  expect(Buffer.compare(await result.bytes(), bytes)).toBe(0)
  const streamed: Uint8Array[] = []
  for await (const chunk of result.stream()) streamed.push(chunk as Uint8Array)
  expect(Buffer.compare(Buffer.concat(streamed), bytes)).toBe(0)
  const folder = await scratchFolder()
  await result.toFile(join(folder, 'out'))
  expect(Buffer.compare(await readFile(join(folder, 'out')), bytes)).toBe(0)
  expect(await readdir(folder)).toEqual(['out'])
})

test('after a cut the download goes on from the last verified block', async () => {
  const { result, bytes, ranges } = await serving(4 * MIB + 9, { cuts: [2.5 * MIB, 100, MIB] })
  expect(Buffer.compare(await result.bytes(), bytes)).toBe(0)
  expect(ranges).toEqual([undefined, `bytes=${2 * MIB}-`, `bytes=${2 * MIB}-`, `bytes=${3 * MIB}-`])
})

test('after a cut of a single block it is fetched again', async () => {
  const { result, bytes, ranges } = await serving(1000, { cuts: [500, 999] })
  expect(Buffer.compare(await result.bytes(), bytes)).toBe(0)
  expect(ranges).toEqual([undefined, undefined, undefined])
})

test('a server without ranges sends everything again, and what is known is skipped', async () => {
  const { result, bytes } = await serving(3 * MIB, { cuts: [2.5 * MIB], ignoresRanges: true })
  expect(Buffer.compare(await result.bytes(), bytes)).toBe(0)
})

describe('damaged bytes are never handed out', () => {
  const flip = (at: number) => (bytes: Uint8Array) => {
    bytes[at]! ^= 1
  }

  test.for([
    [10, 5, 0],
    [3 * MIB, 0, 0],
    [3 * MIB, 2 * MIB + 1, 2],
    [3 * MIB + 1, 3 * MIB, 3],
  ] as const)('%i bytes with byte %i flipped name block %i', async ([size, at, block]) => {
    const { result, identity, bytes } = await serving(size, { damage: flip(at) })
    const error = await result.bytes().catch(error => error)
    expect(error).toMatchObject({ name: 'IntegrityError', code: 'integrity', contentId: identity.id, block })

    const streamed: Uint8Array[] = []
    const stream = result.stream().on('data', chunk => streamed.push(chunk))
    const [failure] = await once(stream, 'error').catch(error => [error])
    expect(failure).toMatchObject({ code: 'integrity', block })
    const given = Buffer.concat(streamed)
    expect(given.length).toBeLessThanOrEqual(block * MIB)
    expect(Buffer.compare(given, bytes.subarray(0, given.length))).toBe(0)

    const folder = await scratchFolder()
    await writeFile(join(folder, 'out'), 'before')
    await expect(result.toFile(join(folder, 'out'), { force: true })).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['out'])
    expect(await readFile(join(folder, 'out'), 'utf8')).toBe('before')
  })

  test('a wrong manifest is refused before a byte is asked for', async () => {
    const { result, ranges } = await serving(3 * MIB, { damageManifest: flip(40) })
    await expect(result.bytes()).rejects.toMatchObject({ code: 'integrity', block: undefined })
    expect(ranges).toEqual([])
  })

  test('another result under the same key is refused', async () => {
    const { result } = await serving(10, { etag: `"${'f'.repeat(64)}"` })
    await expect(result.bytes()).rejects.toMatchObject({ code: 'integrity' })
  })
})

test('a result that is being made again is not cached', async () => {
  const { result } = await serving(10, { status: 202 })
  await expect(result.bytes()).rejects.toMatchObject({ code: 'not-cached', key })
})

test('without a budget a cut is an error, and no file is left', async () => {
  const { result } = await serving(3 * MIB, { cuts: [2 * MIB] }, { reconnectTimeoutMs: 0 })
  const folder = await scratchFolder()
  await expect(result.toFile(join(folder, 'out'))).rejects.toMatchObject({ code: 'server-unreachable' })
  expect(await readdir(folder)).toEqual([])
})

test('an abort ends the download, and no file is left', async () => {
  const { result } = await serving(3 * MIB)
  const folder = await scratchFolder()
  const controller = new AbortController()
  const download = result.toFile(join(folder, 'out'), {
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  })
  await expect(download).rejects.toThrow('enough')
  expect(await readdir(folder)).toEqual([])
})

test('a stream that is destroyed ends the download', async () => {
  const { result } = await serving(3 * MIB)
  const stream = result.stream()
  await once(stream, 'data')
  stream.destroy()
  await once(stream, 'close')
  expect(stream.errored).toBe(null)
})

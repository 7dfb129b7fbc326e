import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RunningServer, startServer } from '@opcache/server'
import { findTool } from '@opcache/server/command'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operations } from '../src/index.js'
import { failureOf } from './failing.js'
import { hugePng } from './image-fixtures.js'

let server: RunningServer
let folder: string
beforeAll(async () => {
  server = await startServer({ storage: 'memory', port: 0, operations })
  folder = await mkdtemp(join(tmpdir(), 'opcache-tools-'))
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

/** Runs an operation by HTTP: `resize?width=5`. */
async function run(call: string, source: Uint8Array | string) {
  const answer = await fetch(`${server.url}/v1/run/${call}`, { method: 'POST', body: Buffer.from(source) })
  const bytes = Buffer.from(await answer.arrayBuffer())
  const problem = answer.ok ? undefined : (JSON.parse(bytes.toString()) as Record<string, unknown>)
  return { status: answer.status, type: answer.headers.get('content-type'), bytes, problem }
}

/** Other programs are called `convert`, too. */
async function isThere(tool: string): Promise<boolean> {
  if ((await findTool(tool)) === undefined) return false
  if (tool !== 'convert') return true
  const { stdout } = spawnSync(tool, ['-version'], { encoding: 'utf8' })
  return /ImageMagick/.test(stdout ?? '')
}

/** Says the same only where a tool is installed, and prints that it does not elsewhere. */
const found = new Map<string, boolean>()
for (const tool of ['soffice', 'ffmpeg', 'pdftotext', 'convert']) {
  const isFound = await isThere(tool)
  if (!isFound) console.warn(`Skipped: the tests of ${tool}, which is not installed.`)
  found.set(tool, isFound)
}
const withTool = (tool: string) => test.skipIf(!found.get(tool))

const RTF = '{\\rtf1 Hello \\b bold}'

withTool('soffice')('a document of an office program becomes a PDF, whose text can be read', async () => {
  const converted = await run('convert', RTF)
  expect([converted.status, converted.type]).toEqual([200, 'application/pdf'])
  expect(converted.bytes.subarray(0, 5).toString()).toBe('%PDF-')
  expect((await run('convert?to=txt', converted.bytes)).bytes.toString()).toContain('Hello bold')
  expect((await run('office-to-pdf', RTF)).type).toBe('application/pdf')
  if (!found.get('pdftotext')) return
  expect((await run('pdf-layout-text?first=1', converted.bytes)).bytes.toString()).toContain('Hello bold')
})

async function tone(): Promise<Buffer> {
  const path = join(folder, 'tone.wav')
  execFileSync('ffmpeg', ['-loglevel', 'error', '-y', '-f', 'lavfi', '-i', 'sine=duration=1', path])
  return readFile(path)
}

withTool('ffmpeg')('sound becomes mp3, the same bytes each time, by both operations', async () => {
  const wav = await tone()
  const mp3 = await run('convert?to=mp3', wav)
  expect([mp3.status, mp3.type]).toEqual([200, 'audio/mpeg'])
  expect((await run('sound-to-mp3?kbps=64', wav)).type).toBe('audio/mpeg')
  expect((await run('convert?to=flac', mp3.bytes)).type).toBe('audio/flac')
})

withTool('ffmpeg')('a playlist that names other files is no video', async () => {
  const secret = join(folder, 'secret.ts')
  await writeFile(secret, 'nobody sees this')
  const playlist = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://${secret}\n#EXT-X-ENDLIST\n`
  const refused = await run('sound-to-mp3', playlist)
  expect([refused.status, refused.problem?.deterministic]).toEqual([422, true])
})

withTool('convert')('an image loses its border', async () => {
  const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
    .extend({ top: 5, bottom: 5, left: 5, right: 5, background: 'white' })
    .png()
    .toBuffer()
  const { bytes } = await run('trim-image?from=png', png)
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 40, height: 30 })
})

test('without its tool a conversion says what is missing and what brings it, and is tried again', async () => {
  const path = process.env.PATH
  const lacking = await startServer({ storage: 'memory', port: 0, operations })
  process.env.PATH = folder
  try {
    const { operations: offered } = (await (await fetch(`${lacking.url}/v1`)).json()) as {
      operations: { name: string }[]
    }
    expect(offered.find(({ name }) => name === 'convert')).toMatchObject({
      partlyMissing: ['soffice', 'ffmpeg'],
    })
    const tried = async () => {
      const answer = await fetch(`${lacking.url}/v1/run/convert`, { method: 'POST', body: RTF })
      return (await answer.json()) as Record<string, unknown>
    }
    for (const attempt of [await tried(), await tried()]) {
      expect(attempt).toMatchObject({
        deterministic: false,
        detail: expect.stringMatching(/^soffice \(in Debian's package libreoffice\) is not installed/),
      })
    }
  } finally {
    process.env.PATH = path
    await lacking.close()
  }
})

describe('resize', () => {
  const image = (format: 'png' | 'jpeg' | 'webp') =>
    sharp({ create: { width: 80, height: 40, channels: 3, background: 'blue' } })
      .toFormat(format)
      .toBuffer()

  test.each(['png', 'jpeg', 'webp'] as const)('keeps the format %s and the proportions', async format => {
    const { bytes, type } = await run('resize?width=20', await image(format))
    expect(type).toBe(`image/${format}`)
    expect(await sharp(bytes).metadata()).toMatchObject({ format, width: 20, height: 10 })
  })

  test.each([
    ['inside', 20, 10],
    ['outside', 40, 20],
    ['cover', 20, 20],
    ['fill', 20, 20],
  ])('makes what fits %s', async (fit, width, height) => {
    const { bytes } = await run(`resize?width=20&height=20&fit=${fit}`, await image('png'))
    expect(await sharp(bytes).metadata()).toMatchObject({ width, height })
  })

  test.each([
    ['resize', 'png', 'invalid-params', /"width" is missing/],
    ['resize?widht=3', 'png', 'invalid-params', /did you mean "width"/],
    ['resize?width=16000&height=16000&fit=fill', 'png', 'operation-failed', /256 megapixels/],
  ] as const)('refuses %s of a %s', async (call, format, code, detail) => {
    const { problem } = await run(call, await image(format))
    expect(problem).toMatchObject({ code, detail: expect.stringMatching(detail) })
  })

  test('refuses what is no image, and an image that would be a flood of pixels', async () => {
    expect((await run('resize?width=3', 'a text')).problem).toMatchObject({ deterministic: true })
    const { problem } = await run('resize?width=3', hugePng())
    expect(problem).toMatchObject({
      deterministic: true,
      detail: expect.stringContaining('10000 megapixels'),
    })
  })
})

test('an image of 100,000 by 100,000 pixels costs a failed attempt and no memory', async () => {
  expect(await failureOf(hugePng(), { to: 'webp' })).toContain('100000 x 100000')
})

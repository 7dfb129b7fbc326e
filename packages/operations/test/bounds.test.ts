import { strToU8, zipSync } from 'fflate'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { TestServer } from '../../server/test/support/test-server.js'
import { convert } from '../src/index.js'
import { convertBytes } from './converting.js'
import { failureOf } from './failing.js'

test('an image made to be drawn for ever fails at the time it may take, once, and the server goes on', async () => {
  const endless = `<svg xmlns="http://www.w3.org/2000/svg" width="8000" height="8000">
    <filter id="f"><feTurbulence baseFrequency="0.01" numOctaves="100"/><feGaussianBlur stdDeviation="900"/></filter>
    <rect width="100%" height="100%" filter="url(#f)"/></svg>`
  const limits = { ...convert.limits, timeoutMs: 1500 }
  const server = await TestServer.start('embedded', { operations: [{ ...convert, limits }] })
  for (let turn = 0; turn < 2; turn++) {
    const failed = await server.run('convert?to=png', endless)
    expect([failed.status, failed.json]).toMatchObject([
      422,
      { deterministic: true, detail: expect.stringContaining('longer than the 1.5 s') },
    ])
  }
  expect(server.runs('convert')).toBe(1)
  expect((await server.run('copy', 'alive')).text).toBe('alive')
})

test('images and texts take minutes at the most, what grows with its source as long as the server allows', async () => {
  const image = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  expect((await convertBytes(image)).timeoutMs).toBe(600_000)
  expect((await convertBytes('# Title')).timeoutMs).toBe(600_000)
  expect((await convertBytes('a,b\n1,2\n', { from: 'csv' })).timeoutMs).toBeUndefined()
})

/** An animated GIF whose frames are blank and a few bytes each: a screen, and then one image after the other. */
function blankGif(side: number, frames: number): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt16LE(side, 0)
  size.writeUInt16LE(side, 2)
  const screen = Buffer.concat([
    Buffer.from('GIF89a'),
    size,
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255]),
  ])
  // A pixel of its own colour table's first entry, as a code of three bits between clear and end.
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0])
  return Buffer.concat([screen, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])])
}

test('an animation of thousands of frames counts with all of its pixels', async () => {
  const bomb = blankGif(1000, 5000)
  expect(bomb.length).toBeLessThan(120_000)
  expect(await failureOf(bomb, { to: 'webp' })).toMatch(/more than the 200 megapixels|too large to convert/)
  const { bytes } = await convertBytes(bomb, { to: 'png', width: 10 })
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 10, height: 10 })
})

/** A PDF document of empty pages, without a table of its objects, which readers make themselves. */
function emptyPdf(side: number, pages: number): string {
  const numbers = Array.from({ length: pages }, (_, index) => index + 3)
  const kids = numbers.map(number => `${number} 0 R`).join(' ')
  const objects = numbers.map(number => `${number} 0 obj<</Type/Page/Parent 2 0 R>>endobj`)
  return [
    '%PDF-1.4',
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    `2 0 obj<</Type/Pages/Count ${pages}/MediaBox[0 0 ${side} ${side}]/Kids[${kids}]>>endobj`,
    ...objects,
    'trailer<</Root 1 0 R>>',
  ].join('\n')
}

test('a page of a PDF document that would be a flood of pixels is refused, with what helps', async () => {
  expect(await failureOf(emptyPdf(1_000_000, 1), { to: 'png' })).toMatch(
    /megapixels.*give a dpi lower than 150 for page 1/,
  )
})

test('thousands of pages as images end at the size or the time that they may take', async () => {
  const server = await TestServer.start('embedded', {
    operations: [{ ...convert, limits: { ...convert.limits, timeoutMs: 3000 } }],
  })
  const failed = await server.run('convert?to=png&pages=all', emptyPdf(2000, 5000))
  expect(failed.json).toMatchObject({ deterministic: true, detail: expect.stringContaining('3 s') })
  expect((await server.run('copy', 'alive')).text).toBe('alive')
  expect(await server.blobs()).toHaveLength(2)
})

/** A DOCX document as far as its bytes tell, whose directory says that its text has so many bytes. */
function docx(textBytes: number): Buffer {
  const types =
    '<Types><Override ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
  const files = { '[Content_Types].xml': strToU8(types), 'word/document.xml': new Uint8Array(99) }
  const bytes = Buffer.from(zipSync(files))
  const entry = bytes.lastIndexOf('PK\u0001\u0002')
  bytes.writeUInt32LE(textBytes, entry + 24)
  return bytes
}

test('an office document that would expand to a flood is refused, and one that is cut is told so', async () => {
  expect(await failureOf(docx(2 ** 31))).toBe(
    'a DOCX document that expands to more than 1024 MiB is too large to convert',
  )
  expect(await failureOf(docx(99).subarray(0, -30))).toBe(
    'the DOCX document could not be read, it seems to be damaged or incomplete (End of central directory record signature not found)',
  )
})

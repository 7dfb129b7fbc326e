import { strFromU8, unzipSync } from 'fflate'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import { convertBytes } from './converting.js'
import { failureOf } from './failing.js'
import { inkOf, pixelAt } from './image-fixtures.js'
import { makePages, makePdf } from './pdf-fixtures.js'

let three: Buffer
beforeAll(async () => {
  three = await makePages(3)
})

describe('text', () => {
  test('is what a PDF document becomes when nobody says: line by line, a form feed between pages', async () => {
    const pdf = await makePdf([['A heading', 'The first line.', 'The second line: äöü €'], [], ['The end']])
    const { text, type, name, progress } = await convertBytes(pdf)
    expect(text).toBe('A heading\nThe first line.\nThe second line: äöü €\n\f\n\fThe end\n')
    expect(type).toBe('text/plain; charset=utf-8')
    expect(name).toBe('result.txt')
    expect(progress.map(({ fraction }) => fraction)).toEqual([0, 1 / 3, 2 / 3])
  })

  test.each([
    [{ to: 'text', page: 2 }, 'This is page 2.\n'],
    [{ pages: '1,3' }, 'This is page 1.\n\fThis is page 3.\n'],
    [{ pages: 3 }, 'This is page 3.\n'],
  ])('of pages %o', async (params, text) => {
    expect((await convertBytes(three, params)).text).toBe(text)
  })

  test('can be had from a document that only restricts its use', async () => {
    expect((await convertBytes(await makePdf([['open']], { ownerPassword: 'x' }))).text).toBe('open\n')
  })
})

describe('images', () => {
  test('show the first page at 150 dpi, in its colours and with its letters', async () => {
    const { bytes, type, name } = await convertBytes(three, { to: 'png' })
    expect({ type, name }).toEqual({ type: 'image/png', name: 'result.png' })
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 1240, height: 1754 })
    // The square is 2 inches wide and 1 inch high, 1 inch from the left and 600 points from the top.
    expect(await pixelAt(bytes, 300, 1325)).toEqual([255, 0, 0])
    expect(await pixelAt(bytes, 600, 1325)).toEqual([255, 255, 255])
    const line = await sharp(bytes).extract({ left: 150, top: 140, width: 300, height: 50 }).png().toBuffer()
    expect(await inkOf(line)).toBeGreaterThan(0.02)
    expect(await inkOf(line)).toBeLessThan(0.5)
  })

  test.each(['jpg', 'webp', 'avif', 'tiff'])('may be %s too', async to => {
    const { bytes } = await convertBytes(three, { to, dpi: 72, page: 3 })
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 595, height: 842 })
    expect((await pixelAt(bytes, 144, 636))[0]).toBeGreaterThan(240)
    expect((await pixelAt(bytes, 144, 636))[1]).toBeLessThan(20)
  })

  test('of different pages differ, and the same page is the same again', async () => {
    const [one, two, again] = [
      await convertBytes(three, { to: 'png', page: 1, dpi: 50 }),
      await convertBytes(three, { to: 'png', page: 2, dpi: 50 }),
      await convertBytes(three, { to: 'png', page: 1, dpi: 50 }),
    ]
    expect(one.bytes.equals(two.bytes)).toBe(false)
    expect(one.bytes.equals(again.bytes)).toBe(true)
  })

  test('of pages come in a zip, each like the page alone', async () => {
    const { bytes, type, name, progress } = await convertBytes(three, { to: 'png', pages: '1,3', dpi: 50 })
    expect({ type, name }).toEqual({ type: 'application/zip', name: 'result.zip' })
    const files = unzipSync(bytes)
    expect(Object.keys(files)).toEqual(['page-001.png', 'page-003.png'])
    const alone = await convertBytes(three, { to: 'png', page: 3, dpi: 50 })
    expect(alone.bytes.equals(files['page-003.png']!)).toBe(true)
    expect(progress.map(({ fraction }) => fraction)).toEqual([0, 0.5])
    const again = await convertBytes(three, { to: 'png', pages: '1,3', dpi: 50 })
    expect(again.bytes.equals(bytes)).toBe(true)
  })

  test('of all pages, or of one that is asked for by pages', async () => {
    const names = async (pages: string | number) =>
      Object.keys(unzipSync((await convertBytes(three, { to: 'jpeg', pages, dpi: 20 })).bytes))
    expect(await names('all')).toEqual(['page-001.jpg', 'page-002.jpg', 'page-003.jpg'])
    expect(await names(2)).toEqual(['page-002.jpg'])
  })

  test('stop between pages when the attempt is cancelled', async () => {
    const cancel = new AbortController()
    const told: unknown[] = []
    const running = convertBytes(three, { to: 'png', pages: 'all' }, cancel.signal, ({ fraction = 0 }) => {
      told.push(fraction)
      if (fraction > 0) cancel.abort()
    })
    await expect(running).rejects.toMatchObject({ name: 'AbortError' })
    expect(told).toEqual([0, 1 / 3])
  })
})

describe('fails, in words, for', () => {
  test('pages that are not there', async () => {
    const missing = 'page 4 does not exist: the PDF document has 3 pages, the first is page 1'
    expect(await failureOf(three, { page: 4 })).toBe(missing)
    expect(await failureOf(three, { to: 'png', page: 4 })).toBe(missing)
    expect(await failureOf(three, { to: 'png', pages: '2-4' })).toBe(missing)
  })

  test('page and pages together', async () => {
    expect(await failureOf(three, { page: 1, pages: '1' })).toBe(
      'page and pages were both given: use page for one page, or pages for several',
    )
  })

  test('a document that wants a password', async () => {
    const locked = await makePdf([['secret']], { userPassword: 'x', ownerPassword: 'y' })
    for (const to of ['txt', 'png']) {
      expect(await failureOf(locked, { to })).toBe(
        'the PDF document is protected by a password and cannot be read: remove the protection before converting it',
      )
    }
  })

  test('damaged documents', async () => {
    const message = /^the PDF document could not be read, it seems to be damaged or incomplete/
    expect(await failureOf(three.subarray(0, three.length / 2))).toMatch(message)
    expect(await failureOf(three.subarray(0, three.length / 2), { to: 'png' })).toMatch(message)
    expect(await failureOf('%PDF-1.7\nno document at all')).toMatch(message)
    const overwritten = Buffer.from(three)
    overwritten.fill(0x41, 20, three.length - 20)
    expect(await failureOf(overwritten)).toMatch(message)
  })

  test('a page that would be too large an image', async () => {
    const poster = await makePdf([['x']], { size: [14_000, 14_000] })
    expect(await failureOf(poster, { to: 'png', dpi: 300 })).toMatch(
      /megapixels.*give a dpi lower than 300 for page 1/,
    )
    expect(await failureOf(await makePdf([['x']], { size: [14_000, 300] }), { to: 'webp' })).toMatch(
      /no side of a webp/,
    )
  })

  test('targets and parameters that are for others', async () => {
    expect(await failureOf(three, { to: 'docx' })).toBe(
      'cannot convert a PDF document to docx: PDF documents become txt, png, jpeg, webp, avif or tiff',
    )
    expect(await failureOf(three, { dpi: 200 })).toBe(
      'dpi means nothing when a PDF document becomes txt: understood are to, from, page and pages; dpi is for png, jpeg, webp, avif or tiff',
    )
    expect(await failureOf(three, { to: 'png', width: 200 })).toMatch(/^width means nothing/)
  })
})

test('an archive can be read by others, and its directory is in order', async () => {
  const { bytes } = await convertBytes(three, { to: 'png', pages: 'all', dpi: 20 })
  expect(strFromU8(bytes.subarray(0, 2))).toBe('PK')
  expect(bytes.readUInt16LE(bytes.length - 12)).toBe(3)
})

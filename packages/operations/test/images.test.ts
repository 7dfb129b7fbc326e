import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { convertBytes } from './converting.js'
import { failureOf } from './failing.js'
import { pixelAt, redAndBlue } from './image-fixtures.js'

const svg = (attributes: string, content = '<rect width="50%" height="100%" fill="#f00"/>') =>
  `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${content}</svg>`

const sources = {
  png: () => redAndBlue().png().toBuffer(),
  jpeg: () => redAndBlue().jpeg().toBuffer(),
  webp: () => redAndBlue().webp({ lossless: true }).toBuffer(),
  avif: () => redAndBlue().avif({ lossless: true }).toBuffer(),
  tiff: () => redAndBlue().tiff().toBuffer(),
  gif: () => redAndBlue().gif().toBuffer(),
  svg: async () =>
    Buffer.from(
      svg(
        'width="60" height="40"',
        '<rect width="30" height="40" fill="#f00"/><rect x="30" width="30" height="40" fill="#00f"/>',
      ),
    ),
}
const targets = ['png', 'jpeg', 'webp', 'avif', 'tiff'] as const

describe.each(Object.entries(sources))('%s', (_name, source) => {
  test.each(targets)('becomes %s with the same picture', async to => {
    const { bytes, type, name, hasEnded } = await convertBytes(await source(), { to })
    expect(type).toBe(`image/${to}`)
    expect(name).toBe(`result.${to === 'jpeg' ? 'jpg' : to}`)
    expect(hasEnded).toBe(false)
    const metadata = await sharp(bytes).metadata()
    expect(metadata).toMatchObject({ format: to === 'avif' ? 'heif' : to, width: 60, height: 40 })
    const [red, , blue] = await pixelAt(bytes, 10, 20)
    expect(red).toBeGreaterThan(220)
    expect(blue).toBeLessThan(40)
    expect((await pixelAt(bytes, 50, 20))[2]).toBeGreaterThan(220)
  })

  test('becomes webp when nobody says', async () => {
    expect(await convertBytes(await source())).toMatchObject({ type: 'image/webp', name: 'result.webp' })
  })
})

test.each([
  ['jpg', 'image/jpeg'],
  ['JPG', 'image/jpeg'],
  ['tif', 'image/tiff'],
])('%s is another word for a target', async (to, type) => {
  expect((await convertBytes(await sources.png(), { to })).type).toBe(type)
})

test('the same image and parameters give the same bytes', async () => {
  for (const to of targets) {
    const source = await redAndBlue(300, 200).png().toBuffer()
    const [first, second] = [await convertBytes(source, { to }), await convertBytes(source, { to })]
    expect(first.bytes.equals(second.bytes)).toBe(true)
  }
})

test('quality makes smaller files', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const source = await sharp({ create: { width: 200, height: 200, channels: 3, background: '#888', noise } })
    .png()
    .toBuffer()
  for (const to of ['jpeg', 'webp', 'avif']) {
    const low = await convertBytes(source, { to, quality: 10 })
    const high = await convertBytes(source, { to, quality: 95 })
    expect(low.bytes.length).toBeLessThan(high.bytes.length / 2)
  }
})

test.each([
  [{ width: 30 }, { width: 30, height: 20 }],
  [{ height: 80 }, { width: 120, height: 80 }],
  [
    { width: 30, height: 30 },
    { width: 30, height: 20 },
  ],
  [
    { width: 600, height: 40 },
    { width: 60, height: 40 },
  ],
])('%o fits the image into %o', async (params, size) => {
  const { bytes } = await convertBytes(await sources.png(), { to: 'png', ...params })
  expect(await sharp(bytes).metadata()).toMatchObject(size)
})

test('EXIF orientation is applied, also to what width means', async () => {
  const turned = await redAndBlue(60, 40).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }).toBuffer()
  const { bytes } = await convertBytes(turned, { to: 'png', width: 20 })
  const metadata = await sharp(bytes).metadata()
  expect(metadata).toMatchObject({ width: 20, height: 30 })
  expect(metadata.orientation).toBeUndefined()
  expect((await pixelAt(bytes, 10, 5))[0]).toBeGreaterThan(200)
  expect((await pixelAt(bytes, 10, 25))[2]).toBeGreaterThan(200)
})

test('a TIFF image is known also where its directory is far from its start', async () => {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const
  const image = sharp({ create: { width: 800, height: 600, channels: 3, background: '#888', noise } })
  for (const bigtiff of [false, true]) {
    const source = await image.clone().tiff({ compression: 'none', bigtiff }).toBuffer()
    expect(await sharp((await convertBytes(source)).bytes).metadata()).toMatchObject({
      width: 800,
      height: 600,
    })
  }
})

test('transparency becomes white in jpeg and stays in png', async () => {
  const background = { r: 0, g: 0, b: 0, alpha: 0 }
  const source = await sharp({ create: { width: 8, height: 8, channels: 4, background } })
    .png()
    .toBuffer()
  expect(await pixelAt((await convertBytes(source, { to: 'jpeg' })).bytes, 4, 4)).toEqual([255, 255, 255])
  expect((await sharp((await convertBytes(source, { to: 'png' })).bytes).stats()).isOpaque).toBe(false)
})

test('an animation stays one in webp, and its first frame becomes a png', async () => {
  const frames = await Promise.all(
    ['#ff0000', '#00ff00', '#0000ff'].map(background =>
      sharp({ create: { width: 20, height: 10, channels: 3, background } })
        .png()
        .toBuffer(),
    ),
  )
  const gif = await sharp(frames, { join: { animated: true } })
    .gif({ delay: [50, 50, 50] })
    .toBuffer()
  const animated = await convertBytes(gif, { width: 10 })
  expect(await sharp(animated.bytes, { animated: true }).metadata()).toMatchObject({
    pages: 3,
    width: 10,
    pageHeight: 5,
  })
  const still = await convertBytes(gif, { to: 'png' })
  expect(await sharp(still.bytes).metadata()).toMatchObject({ width: 20, height: 10 })
  expect(await pixelAt(still.bytes, 5, 5)).toEqual([255, 0, 0])
})

test('an SVG image is drawn at the size that is asked for, not enlarged', async () => {
  const { bytes } = await convertBytes(svg('width="20" height="20"'), { to: 'png', width: 1000 })
  expect(await sharp(bytes).metadata()).toMatchObject({ width: 1000, height: 1000 })
  const edges = await Promise.all([490, 495, 505, 510].map(left => pixelAt(bytes, left, 500)))
  expect(edges.map(([red]) => red)).toEqual([255, 255, 0, 0])
})

test('an SVG image cannot show files of the machine', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svg-'))
  try {
    const secret = join(folder, 'secret.png')
    await writeFile(secret, await redAndBlue().png().toBuffer())
    for (const href of [secret, pathToFileURL(secret).href, 'secret.png']) {
      const image = svg(
        'width="60" height="40"',
        `<rect width="60" height="40" fill="#fff"/><image href="${href}" width="60" height="40"/>`,
      )
      const { bytes } = await convertBytes(image, { to: 'png' })
      expect(await pixelAt(bytes, 10, 10)).toEqual([255, 255, 255])
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

describe('fails, in words, for', () => {
  test('a target that an image cannot become', async () => {
    expect(await failureOf(await sources.png(), { to: 'csv' })).toBe(
      'cannot convert a PNG image to csv: images become webp, png, jpeg, avif or tiff',
    )
  })

  test.each(['png', 'jpeg', 'webp', 'avif', 'tiff', 'gif'] as const)(
    'a %s image that ends too early',
    async format => {
      const whole = await redAndBlue(400, 300)[format]().toBuffer()
      const message = await failureOf(whole.subarray(0, Math.floor(whole.length * 0.6)), { to: 'png' })
      expect(message).toMatch(/^the (\w+) image could not be read, it seems to be damaged or incomplete/)
    },
  )

  test('a damaged SVG image', async () => {
    expect(await failureOf('<svg xmlns="http://www.w3.org/2000/svg"><rect')).toMatch(
      /^the SVG image could not be read/,
    )
  })

  test('parameters that mean nothing for an image', async () => {
    expect(await failureOf(await sources.jpeg(), { page: 1 })).toBe(
      'page means nothing when a JPEG image becomes webp: understood are to, from, quality, width and height',
    )
    expect(await failureOf(await sources.jpeg(), { to: 'png', quality: 50 })).toBe(
      'quality means nothing when a JPEG image becomes png: understood are to, from, width and height; quality is for webp, jpeg or avif',
    )
  })

  test('more pixels than are decoded', async () => {
    const huge = { width: 20_000, height: 20_000, channels: 3 as const, background: '#123456' }
    const source = await sharp({ create: huge, limitInputPixels: false })
      .png({ compressionLevel: 1 })
      .toBuffer()
    expect(await failureOf(source, { width: 10 })).toBe(
      'a PNG image of 20000 x 20000 pixels is too large to convert: at most 200 megapixels are decoded, all frames together',
    )
  })

  test('a result with too many pixels, or too long for its format', async () => {
    expect(await failureOf(svg('width="30000" height="30000"'), { to: 'png' })).toMatch(
      /would have 900 megapixels.*smaller width/,
    )
    expect(await failureOf(await redAndBlue(40, 4).png().toBuffer(), { height: 16_000 })).toMatch(
      /megapixels/,
    )
    const long = await redAndBlue(17_000, 2).png().toBuffer()
    expect(await failureOf(long)).toMatch(/no side of a webp image is longer than 16383/)
    expect((await convertBytes(long, { to: 'png' })).type).toBe('image/png')
  })
})

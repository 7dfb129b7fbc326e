import sharp, { type Sharp } from 'sharp'

/** An image whose left half is red and whose right half is blue. */
export function redAndBlue(width = 60, height = 40): Sharp {
  const half = { width: Math.floor(width / 2), height, channels: 3 as const, background: '#ff0000' }
  return sharp({ create: { width, height, channels: 3, background: '#0000ff' } }).composite([
    { input: { create: half }, left: 0, top: 0 },
  ])
}

/** Colour of a pixel, red, green and blue, 0 to 255. */
export async function pixelAt(image: Uint8Array, left: number, top: number): Promise<number[]> {
  const pixel = await sharp(image)
    .removeAlpha()
    .toColourspace('srgb')
    .extract({ left, top, width: 1, height: 1 })
    .raw()
    .toBuffer()
  return [...pixel]
}

/** The share of pixels that are not white, 0 to 1. */
export async function inkOf(image: Uint8Array): Promise<number> {
  const { data, info } = await sharp(image)
    .removeAlpha()
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true })
  let dark = 0
  for (let at = 0; at < data.length; at += info.channels) if (data[at]! < 128) dark++
  return dark / (info.width * info.height)
}

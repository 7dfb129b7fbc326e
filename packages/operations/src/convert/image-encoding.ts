import { OperationError } from '@opcache/server/operation'
import type { Sharp } from 'sharp'
import type { ImageTargetName } from './targets.js'
import { inMegapixels } from './wording.js'

/** The most pixels that are decoded or made, all frames together: photographs of the largest phone cameras fit. */
export const maxPixels = 200_000_000

/** The longest side that a format can have, in pixels. */
const longestSide: Readonly<Record<ImageTargetName, number>> = {
  png: 1_000_000,
  jpeg: 65_500,
  webp: 16_383,
  avif: 16_384,
  tiff: 1_000_000,
}

/**
 * Refuses a result that would be too large to make.
 *
 * @param remedy What the caller can do, for the message: `give a smaller width or height`.
 * @throws OperationError
 */
export function checkResultSize(to: ImageTargetName, width: number, height: number, remedy: string): void {
  if (width * height > maxPixels) {
    throw new OperationError(
      `the result would have ${inMegapixels(width * height)}, more than the ${inMegapixels(maxPixels)} that are made: ${remedy}`,
    )
  }
  if (Math.max(width, height) > longestSide[to]) {
    throw new OperationError(
      `the result would be ${width} x ${height} pixels, but no side of a ${to} image is longer than ${longestSide[to]}: ${remedy}, or choose another target`,
    )
  }
}

/** Sets how an image is written. Where there is no transparency in a format (jpeg), it becomes white. */
export function encodeAs(image: Sharp, to: ImageTargetName, quality: number | undefined): Sharp {
  switch (to) {
    case 'png':
      return image.png()
    case 'jpeg':
      return image.flatten({ background: '#ffffff' }).jpeg({ quality: quality ?? 80 })
    case 'webp':
      return image.webp({ quality: quality ?? 80 })
    case 'avif':
      return image.avif({ quality: quality ?? 50 })
    case 'tiff':
      return image.tiff({ compression: 'lzw' })
  }
}

import { OperationError, type RunOperation } from '@opcache/server/operation'
import sharp, { type FormatEnum, type Metadata, type ResizeOptions } from 'sharp'
import { damaged } from '../convert/damaged.js'
import { maxPixels } from '../convert/image-encoding.js'
import { inMegapixels, joined } from '../convert/wording.js'
import { writeAll } from '../convert/write-all.js'
import type { ResizeParams } from './params.js'

/** The formats that stay what they are, and what their results are called. */
const formats: Readonly<Record<string, { type: string; name: string }>> = {
  png: { type: 'image/png', name: 'result.png' },
  jpeg: { type: 'image/jpeg', name: 'result.jpg' },
  webp: { type: 'image/webp', name: 'result.webp' },
  gif: { type: 'image/gif', name: 'result.gif' },
  tiff: { type: 'image/tiff', name: 'result.tiff' },
}

/** Runs `resize`. */
const run: RunOperation<ResizeParams> = async ({ input, output, params, signal }) => {
  if (input.size === 0) throw new OperationError('the source is empty: there is nothing to resize')
  const path = await input.path()
  try {
    const options = { failOn: 'error', limitInputPixels: maxPixels } as const
    const metadata = await sharp(path, { ...options, limitInputPixels: false }).metadata()
    const format = formats[metadata.format ?? '']
    if (!format) {
      throw new OperationError(
        `a source of the type ${metadata.format} cannot be resized: ${joined(Object.keys(formats), 'and')} can; convert it first`,
      )
    }
    checkPixels(metadata, params)
    const image = sharp(path, options)
      .autoOrient()
      .resize(params as ResizeOptions)
    const bytes = await image.toFormat(metadata.format as keyof FormatEnum).toBuffer()
    await writeAll(output, [bytes], signal)
    return format
  } catch (error) {
    throw damaged(error, 'the image', signal, path)
  }
}

export default run

/** @throws OperationError when the source or the result has more pixels than are decoded or made. */
function checkPixels({ width, height, autoOrient }: Metadata, params: ResizeParams): void {
  const source = { width: autoOrient.width || width, height: autoOrient.height || height }
  const wanted = {
    width: params.width ?? (source.width * params.height!) / source.height,
    height: params.height ?? (source.height * params.width!) / source.width,
  }
  if (params.fit === 'outside') {
    const scale = Math.max(wanted.width / source.width, wanted.height / source.height)
    Object.assign(wanted, { width: source.width * scale, height: source.height * scale })
  }
  for (const [what, size] of Object.entries({ source, result: wanted })) {
    if (size.width * size.height > maxPixels) {
      throw new OperationError(
        `the ${what} has ${inMegapixels(size.width * size.height)}, more than the ${inMegapixels(maxPixels)} that are resized`,
      )
    }
  }
}
